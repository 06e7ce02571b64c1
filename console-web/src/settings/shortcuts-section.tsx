import { useState } from "react";
import { useTranslation } from "react-i18next";
import { setSingleKeys, singleKeys } from "../commands/keys";
import { ShortcutList } from "../commands/shortcut-list";
import { Section } from "./section";

/** `/settings/shortcuts` */
export function ShortcutsSection() {
  const { t } = useTranslation();
  const [on, setOn] = useState(() => singleKeys(localStorage));
  return (
    <Section section="shortcuts">
      <label className="choice">
        <input
          type="checkbox"
          checked={on}
          onChange={({ target }) => {
            setSingleKeys(localStorage, target.checked);
            setOn(target.checked);
          }}
        />
        {t("settings.shortcuts.single")}
      </label>
      <p className="soft small settings-after-choice">{t("settings.shortcuts.singleHelp")}</p>
      <ShortcutList />
    </Section>
  );
}
