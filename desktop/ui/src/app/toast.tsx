/** One sentence about what was just done, and at most one act. Never for errors, never the only trace of something. */
import { Anchor } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { icon } from "@/components/icon";
import { KeyCaps } from "@/components/KeyCaps";
import type { CommandId } from "./keymap";
import classes from "./toast.module.css";

export interface Toast {
  text: ReactNode;
  act?: { label: string; onAct: () => void; command?: CommandId };
}

const shownMs = 6000;

interface ToastContextValue {
  toast: (Toast & { id: number }) | null;
  show: (toast: Toast) => void;
  hide: () => void;
  hold: (held: boolean) => void;
  /** Regions that want to show it; the last one does. */
  regions: number[];
  enter: () => () => void;
}

const ToastContext = createContext<ToastContextValue | null>(null);

function useToastContext(): ToastContextValue {
  const value = useContext(ToastContext);
  if (!value) throw new Error("outside of ToastProvider");
  return value;
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState<ToastContextValue["toast"]>(null);
  const [held, setHeld] = useState(false);
  const serial = useRef(0);

  const show = useCallback((next: Toast) => {
    serial.current += 1;
    setHeld(false);
    setToast({ ...next, id: serial.current });
  }, []);

  useEffect(() => {
    if (!toast || held) return;
    const timer = setTimeout(() => setToast(null), shownMs);
    return () => clearTimeout(timer);
  }, [toast, held]);

  const [regions, setRegions] = useState<number[]>([]);
  const value = useMemo(
    () => ({
      toast,
      show,
      hide: () => setToast(null),
      hold: setHeld,
      regions,
      enter: () => {
        const id = ++serial.current;
        setRegions((all) => [...all, id]);
        return () => setRegions((all) => all.filter((it) => it !== id));
      },
    }),
    [toast, show, regions],
  );
  return <ToastContext value={value}>{children}</ToastContext>;
}

/** Says what was done. A second one replaces the first. */
export const useToast = (): ((toast: Toast) => void) => useToastContext().show;

/** Where the toast stands: at the foot of whatever positioned box holds this. `inner` takes it from the window's own region. */
export function ToastRegion({ inner = false }: { inner?: boolean }) {
  const { toast, hide, hold, regions, enter } = useToastContext();
  const entered = useRef(enter);
  useEffect(() => (inner ? entered.current() : undefined), [inner]);
  const mine = inner || regions.length === 0;
  return (
    <div className={classes.region} role="status" aria-live="polite">
      {mine && toast && (
        // biome-ignore lint/a11y/noStaticElementInteractions: being pointed at only keeps it longer
        <div
          key={toast.id}
          className={classes.toast}
          onMouseEnter={() => hold(true)}
          onMouseLeave={() => hold(false)}
          onFocus={() => hold(true)}
          onBlur={() => hold(false)}
        >
          <IconCheck {...icon} />
          <span className={classes.text}>{toast.text}</span>
          {toast.act && (
            <Anchor
              component="button"
              type="button"
              className={classes.act}
              onClick={() => {
                hide();
                toast.act?.onAct();
              }}
            >
              {toast.act.label}
              {toast.act.command && <KeyCaps of={toast.act.command} />}
            </Anchor>
          )}
        </div>
      )}
    </div>
  );
}
