import { type FormEvent, useCallback, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { FileChoice, type TaskFile } from "../gen/banto/v1/tasks_pb";
import { useConsole } from "../shell/console-context";
import { useTask } from "../tasks/task-context";
import { Combobox } from "../ui/combobox";
import { useDebounced } from "../ui/use-debounced";
import { useLoaded } from "../ui/use-loaded";
import { type Decision, counts } from "./selection";

interface AddFileProps {
  readonly files: readonly TaskFile[];
  readonly onDecide: (decisions: readonly Decision[]) => void;
}

const pauseMs = 180;
const offered = 20;

/** Adds a file that nobody found. The server offers paths that fit what is typed. */
export function AddFile({ files, onDecide }: AddFileProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { task } = useTask();
  const { workspaceId } = task;
  const [path, setPath] = useState("");
  const [there, setThere] = useState(false);
  const query = useDebounced(path.trim().slice(0, 200), pauseMs);
  const load = useCallback(
    async (signal: AbortSignal) => (query === "" ? [] : (await clients.workspaces.listFiles({ workspaceId, query, pageSize: offered }, { signal })).files),
    [clients, workspaceId, query],
  );
  const found = useLoaded(load);
  const id = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = path.trim();
    if (wanted === "") {
      return;
    }
    const known = files.find((file) => file.path === wanted);
    setThere(known !== undefined && counts(known));
    if (known === undefined || !counts(known)) {
      onDecide([{ path: wanted, choice: FileChoice.INCLUDED }]);
      setPath("");
    }
  };
  return (
    <form className="add-file" onSubmit={submit}>
      <Combobox
        label={t("files.add")}
        options={(found.value ?? []).map((file) => file.path)}
        value={path}
        answered
        maxLength={4096}
        placeholder={t("files.addHelp")}
        describedBy={`${id}-there`}
        detailOf={(option) => ((found.value ?? []).find((file) => file.path === option)?.looksSecret === true ? t("files.secret") : undefined)}
        onChange={(value) => {
          setPath(value);
          setThere(false);
        }}
      />
      <button type="submit" className="button" disabled={path.trim() === ""}>
        {t("files.addButton")}
      </button>
      <p id={`${id}-there`} className="soft small" role="status">
        {there ? t("files.added") : ""}
      </p>
    </form>
  );
}
