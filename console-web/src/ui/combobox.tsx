import { useCombobox } from "downshift";
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import "./combobox.css";

interface ComboboxProps {
  readonly label: string;
  readonly options: readonly string[];
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string | undefined;
  readonly describedBy?: string | undefined;
  readonly maxLength?: number;
  /** What else is known of an option; it is searched as well. */
  readonly detailOf?: (option: string) => string | undefined;
  /** The options are the answer to what was typed, and are not narrowed down again. */
  readonly answered?: boolean;
}

/** A field that offers what is known and takes anything else as well. */
export function Combobox({ label, options, value, onChange, placeholder, describedBy, maxLength, detailOf, answered = false }: ComboboxProps) {
  const { t } = useTranslation();
  // Before anything is typed all options show, whatever stands in the field.
  const [typed, setTyped] = useState("");
  const wanted = typed.toLowerCase();
  const shown = answered ? options : options.filter((option) => `${option} ${detailOf?.(option) ?? ""}`.toLowerCase().includes(wanted));
  const combobox = useCombobox<string>({
    items: [...shown],
    inputValue: value,
    selectedItem: null,
    itemToString: (item) => item ?? "",
    onInputValueChange: ({ inputValue, type }) => {
      if (type === useCombobox.stateChangeTypes.InputChange) {
        setTyped(inputValue);
        onChange(inputValue);
      }
    },
    onStateChange: ({ type, selectedItem }) => {
      const { ItemClick, InputKeyDownEnter } = useCombobox.stateChangeTypes;
      if ((type === ItemClick || type === InputKeyDownEnter) && typeof selectedItem === "string") {
        onChange(selectedItem);
      }
    },
    onIsOpenChange: ({ isOpen }) => {
      if (!isOpen) {
        setTyped("");
      }
    },
  });
  const open = combobox.isOpen && shown.length > 0;
  return (
    <div className="combobox">
      <label {...combobox.getLabelProps()}>{label}</label>
      <div className="combobox-field">
        <input
          {...combobox.getInputProps({
            onKeyDown: (event) => {
              // Escape closes the list; only a second one closes what is around.
              if (event.key === "Escape" && open) {
                event.stopPropagation();
              }
            },
          })}
          className="field mono"
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          maxLength={maxLength}
          aria-describedby={describedBy}
        />
        <button type="button" className="icon-button" {...combobox.getToggleButtonProps({ "aria-label": t("dialog.options", { label }) })}>
          <ChevronDown aria-hidden="true" size={16} />
        </button>
      </div>
      <ul className="combobox-list" hidden={!open} {...combobox.getMenuProps({ "aria-label": label })}>
        {open &&
          shown.map((item, index) => (
            <li
              key={item}
              className="menu-item combobox-option"
              data-highlighted={combobox.highlightedIndex === index || undefined}
              {...combobox.getItemProps({ item, index })}
            >
              <span className="mono">{item}</span>
              {detailOf?.(item) !== undefined && <span className="soft small">{detailOf(item)}</span>}
            </li>
          ))}
      </ul>
    </div>
  );
}
