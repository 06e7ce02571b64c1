import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { copyText } from "./copy-text";
import { IconButton } from "./icon-button";

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState<boolean>();
  useEffect(() => {
    if (copied === undefined) {
      return undefined;
    }
    const timer = setTimeout(() => setCopied(undefined), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <>
      <IconButton
        icon={copied === true ? Check : Copy}
        label={label}
        onClick={() => void copyText(text).then(setCopied)}
      />
      <span className="visually-hidden" role="status">
        {copied === undefined ? "" : copied ? t("message.copied") : t("message.copyFailed")}
      </span>
    </>
  );
}
