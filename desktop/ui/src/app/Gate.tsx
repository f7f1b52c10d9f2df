/** Which of the faces is shown: the door, the refusal, the lock, or the window itself. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import type { i18n } from "i18next";
import { useEffect, useRef } from "react";
import type { BackendError } from "@/backend/backend";
import { useBackend, useBackendQueries } from "@/backend/context";
import type { Preferences, Start } from "@/backend/contract";
import { applyEvent } from "@/backend/events";
import { Failed } from "@/components/States";
import { Door } from "@/features/session/Door";
import { Lock } from "@/features/session/Lock";
import { NoKeychain } from "@/features/session/NoKeychain";
import { Appearance } from "./Appearance";
import { CommandsProvider } from "./commands";
import { ErrorBoundary } from "./ErrorBoundary";
import { WindowBox } from "./narrow";
import { PlatformProvider } from "./platform";
import type { AppRouter } from "./router";
import { ToastProvider, ToastRegion } from "./toast";

/** Until the shell answered; the shell hides the window that long. */
const unknown: Pick<Preferences, "scheme" | "text_size" | "language"> = {
  scheme: "system",
  text_size: 100,
  language: "en",
};

function Face({ start, router }: { start: Start; router: AppRouter }) {
  switch (start.session.state) {
    case "signed_out":
      return <Door server={start.server} />;
    case "second_factor":
    case "choose_clinic":
      return <Door server={start.server} session={start.session} />;
    case "no_keychain":
      return <NoKeychain fault={start.session.fault} />;
    case "locked":
      return <Lock session={start.session} server={start.server} />;
    case "open":
      // Another clinic is another window: nothing that is shown goes on in it.
      return <RouterProvider key={start.session.me.organization} router={router} />;
  }
}

/** Tells the shell that somebody is here, at most once a minute: it locks the window when nobody is. */
function useActivity(open: boolean) {
  const backend = useBackend();
  const last = useRef(0);
  useEffect(() => {
    if (!open) return;
    const tell = () => {
      const now = performance.now();
      if (now - last.current < 60_000 && last.current > 0) return;
      last.current = now;
      backend.call("active").catch(() => {});
    };
    window.addEventListener("pointerdown", tell);
    window.addEventListener("keydown", tell);
    return () => {
      window.removeEventListener("pointerdown", tell);
      window.removeEventListener("keydown", tell);
    };
  }, [backend, open]);
}

export function Gate({ router, i18n }: { router: AppRouter; i18n: i18n }) {
  const backend = useBackend();
  const cache = useQueryClient();
  const {
    data: start,
    error,
    refetch,
  } = useQuery({ ...useBackendQueries().start(), staleTime: Number.POSITIVE_INFINITY });

  useEffect(() => backend.listen((event) => applyEvent(cache, event)), [backend, cache]);
  useActivity(start?.session.state === "open");

  const started = start !== undefined || error !== null;
  useEffect(() => {
    // At once, not in the next frame: a hidden window has none.
    if (started) void backend.call("window_ready").catch(() => {});
  }, [backend, started]);

  return (
    <Appearance preferences={start?.preferences ?? unknown} i18n={i18n}>
      <PlatformProvider value={start?.platform ?? "linux"}>
        <CommandsProvider>
          <ToastProvider>
            <WindowBox textSize={start?.preferences.text_size ?? 100}>
              <ErrorBoundary resetOn={start?.session.state}>
                {start && <Face start={start} router={router} />}
                {!start && error && <Failed error={error as BackendError} onRetry={() => void refetch()} />}
              </ErrorBoundary>
              <ToastRegion />
            </WindowBox>
          </ToastProvider>
        </CommandsProvider>
      </PlatformProvider>
    </Appearance>
  );
}
