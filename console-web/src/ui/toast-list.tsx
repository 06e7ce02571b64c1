import { X } from "lucide-react";
import { Toast } from "radix-ui";
import { useTranslation } from "react-i18next";
import { IconButton } from "./icon-button";
import { type ShownToast, closeToast } from "./toast";

const usualMs = 8000;

/** Radix keeps the time, stops it while somebody points or looks away, and announces. */
export function ToastList({ toasts }: { readonly toasts: readonly ShownToast[] }) {
  const { t } = useTranslation();
  return (
    <Toast.Provider label={t("toast.one")} swipeDirection="right" duration={usualMs}>
      {toasts.map(({ id, text, tone, action, durationMs }) => (
        <Toast.Root
          key={id}
          className="toast"
          data-tone={tone}
          type="foreground"
          duration={durationMs ?? usualMs}
          onOpenChange={(open) => !open && closeToast(id, "lapsed")}
        >
          <Toast.Description className="toast-text">{text}</Toast.Description>
          {action && (
            <button type="button" className="button button-small" onClick={() => closeToast(id, "acted")}>
              {action.label}
            </button>
          )}
          <Toast.Close asChild>
            <IconButton icon={X} label={t("toast.close")} />
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className="toasts" label={`${t("toast.region")} ({hotkey})`} />
    </Toast.Provider>
  );
}
