import { ExternalLink } from "lucide-react";
import { Dialog } from "radix-ui";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { copyText } from "../ui/copy-text";

interface LinkDialogProps {
  readonly href: string;
  /** The link that was followed; it has the focus again afterwards. */
  readonly link: HTMLElement;
  readonly onClose: () => void;
}

/** Shows the whole address of a link that somebody else wrote, and asks. */
export function LinkDialog({ href, link, onClose }: LinkDialogProps) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState<boolean>();
  const mail = href.startsWith("mailto:");
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="dialog"
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            link.focus();
          }}
        >
          <Dialog.Title className="dialog-title">{mail ? t("links.titleMail") : t("links.title")}</Dialog.Title>
          <Dialog.Description className="dialog-text">{mail ? t("links.leadMail") : t("links.lead")}</Dialog.Description>
          <p className="link-address mono" dir="ltr">
            <Address href={href} />
          </p>
          <p className="visually-hidden" role="status">
            {copied === undefined ? "" : copied ? t("message.copied") : t("message.copyFailed")}
          </p>
          <div className="dialog-actions">
            <Dialog.Close className="button">{t("dialog.cancel")}</Dialog.Close>
            <button type="button" className="button" onClick={() => void copyText(href).then(setCopied)}>
              {copied === true ? t("message.copied") : t("links.copy")}
            </button>
            <a className="button button-primary" href={href} target="_blank" rel="noopener noreferrer" onClick={onClose}>
              <ExternalLink aria-hidden="true" size={15} /> {t("links.open")}
            </a>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** The host stands out: it is what says who will answer. */
function Address({ href }: { readonly href: string }) {
  const { protocol, host } = new URL(href);
  const at = host === "" ? -1 : href.indexOf(host, protocol.length);
  return at < 0 ? (
    href
  ) : (
    <>
      {href.slice(0, at)}
      <strong>{host}</strong>
      {href.slice(at + host.length)}
    </>
  );
}
