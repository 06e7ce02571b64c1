import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Command, commandGroups } from "./command";
import { KeyCaps } from "./key-caps";
import "./shortcut-list.css";
import { useAllCommands } from "./use-commands";

/** Keys of a field, which belong to it and are no commands. */
const fieldKeys = [
  ["Enter", "send"],
  ["Shift Enter", "newLine"],
  ["↑", "editLast"],
  ["Esc", "leave"],
] as const;

/** Every shortcut that works now, group by group. */
export function ShortcutList() {
  const { t } = useTranslation();
  const commands = useAllCommands().filter((command): command is Command & { keys: string } => command.keys !== undefined);
  return (
    <div className="shortcuts">
      {commandGroups.map((group) => {
        const members = commands.filter((command) => command.group === group);
        return (
          members.length > 0 && (
            <Shortcuts key={group} title={t(`palette.group.${group}`)}>
              {members.map(({ id, title, keys }) => (
                <Shortcut key={id} title={title}>
                  <KeyCaps keys={keys} />
                </Shortcut>
              ))}
            </Shortcuts>
          )
        );
      })}
      <Shortcuts title={t("shortcuts.composer")}>
        {fieldKeys.map(([keys, name]) => (
          <Shortcut key={name} title={t(`shortcuts.${name}`)}>
            <span className="key-caps">
              {keys.split(" ").map((cap) => (
                <kbd key={cap}>{cap}</kbd>
              ))}
            </span>
          </Shortcut>
        ))}
      </Shortcuts>
    </div>
  );
}

function Shortcuts({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <dl>{children}</dl>
    </section>
  );
}

function Shortcut({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="shortcut">
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}
