import { WifiOff } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useConnection, useConsole } from "./console-context";
import { serverBuild } from "./upgrade";

/** A short break is mended before anybody would have read about it. */
const patienceMs = 1200;

/** Whether the page has been cut off for long enough to say so. */
export function useCutOff(): boolean {
  const { state } = useConnection();
  const away = state === "reconnecting";
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!away) {
      setLate(false);
      return undefined;
    }
    const timer = setTimeout(() => setLate(true), patienceMs);
    return () => clearTimeout(timer);
  }, [away]);
  return away && late;
}

/**
 * Whether the device has no network and so no server. One on this machine, or
 * one whose stream still stands, answers all the same: that is asked first.
 */
function useOffline(): boolean {
  const [offline, setOffline] = useState(false);
  useEffect(() => {
    const follow = async () => setOffline(!navigator.onLine && (await serverBuild()) === undefined && !navigator.onLine);
    const onChange = () => void follow();
    addEventListener("online", onChange);
    addEventListener("offline", onChange);
    onChange();
    return () => {
      removeEventListener("online", onChange);
      removeEventListener("offline", onChange);
    };
  }, []);
  return offline;
}

export function ConnectionNotice() {
  const { t } = useTranslation();
  const { feed } = useConsole();
  const cutOff = useCutOff();
  const offline = useOffline();
  return (
    <div role="status" className="connection-notice-frame">
      {offline && (
        <div className="connection-notice">
          <WifiOff aria-hidden="true" size={16} />
          <span>{t("connection.offline")}</span>
        </div>
      )}
      {cutOff && !offline && (
        <div className="connection-notice">
          <span className="spinner" aria-hidden="true" />
          <span>{t("connection.reconnecting")}</span>
          <button type="button" className="button button-small" onClick={() => feed.retryNow()}>
            {t("connection.retry")}
          </button>
        </div>
      )}
    </div>
  );
}
