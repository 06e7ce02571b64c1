import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import "./key-caps.css";
import { isMac, keyCaps } from "./keys";

/** A shortcut as it stands on the keyboard. */
export function KeyCaps({ keys }: { readonly keys: string }) {
  const { t } = useTranslation();
  const strokes = keyCaps(keys, isMac(navigator));
  return (
    <span className="key-caps">
      {strokes.map((caps, index) => (
        // The strokes of a shortcut never change their places.
        // oxlint-disable-next-line react/no-array-index-key
        <Fragment key={index}>
          {index > 0 && <span className="soft"> {t("shortcuts.andThen")} </span>}
          {caps.map((cap) => (
            <kbd key={cap}>{cap}</kbd>
          ))}
        </Fragment>
      ))}
    </span>
  );
}
