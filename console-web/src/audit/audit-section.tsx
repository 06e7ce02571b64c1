import { Download } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AuditHead } from "../gen/banto/v1/audit_log_pb";
import { addPlanTexts } from "../i18n/plan-texts";
import { Section } from "../settings/section";
import { useConsole } from "../shell/console-context";
import { CopyButton } from "../ui/copy-button";
import { saveFile } from "../ui/save-file";
import { Refused } from "../ui/states";
import { useCall } from "../ui/use-call";
import { useDebounced } from "../ui/use-debounced";
import { headText } from "./audit-head";
import { EntryList } from "./entry-list";
import { exportEntries } from "./export-entries";
import { VerifyChain } from "./verify-chain";

addPlanTexts();

const pauseMs = 300;

/** `/settings/audit` */
export function AuditSection() {
  const { t } = useTranslation();
  const { session } = useConsole();
  const id = useId();
  const [prefix, setPrefix] = useState("");
  const [head, setHead] = useState<AuditHead>();
  const [count, setCount] = useState(0);
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const download = useCall(async () => {
    abort.current = new AbortController();
    setCount(0);
    saveFile("banto-audit-log.jsonl", "application/jsonl", await exportEntries(session, setCount, abort.current.signal));
  });
  return (
    <Section section="audit">
      <section className="audit-head" aria-label={t("audit.head")}>
        <h2>{t("audit.head")}</h2>
        {head === undefined || head.sequence === 0n ? (
          <p className="soft small">{t("audit.empty")}</p>
        ) : (
          <p className="audit-line">
            <span className="mono small audit-subject" data-testid="audit-head">
              {t("audit.headLine", { sequence: String(head.sequence), hash: head.hash })}
            </span>
            <CopyButton text={headText(head)} label={t("audit.copyHead")} />
          </p>
        )}
        <p className="soft small">{t("audit.headHelp")}</p>
        <VerifyChain />
        <button type="button" className="button" disabled={download.pending} onClick={() => void download.run()}>
          <Download aria-hidden="true" size={15} /> {download.pending ? t("audit.exporting", { count }) : t("audit.export")}
        </button>
        {download.failure && <Refused failure={download.failure} scope="review" title={t("audit.failed")} />}
      </section>
      <div className="form-field">
        <label htmlFor={id}>{t("audit.filter")}</label>
        <input id={id} type="search" className="field mono" maxLength={100} placeholder={t("audit.filterExample")} value={prefix} onChange={({ target }) => setPrefix(target.value)} />
      </div>
      <EntryList subject="" actionPrefix={useDebounced(prefix.trim(), pauseMs)} onHead={setHead} />
    </Section>
  );
}
