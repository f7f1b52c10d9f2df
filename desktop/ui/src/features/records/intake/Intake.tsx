/** Files that come in, from wherever: dropped, chosen, pasted, opened with the app. Reading starts at once where nothing needs a choice. */
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { BackendError } from "@/backend/backend";
import { useBackend, useShellEvents } from "@/backend/context";
import type { OfferedFile, RecordId } from "@/backend/contract";
import { DropOverlay, type Hover, zoneAt } from "./DropOverlay";
import { OfferDialog } from "./OfferDialog";
import { pastedImage } from "./paste";

export interface Target {
  id: RecordId;
  title: string;
}

/** What files shall become, as far as their way in tells: a drop says it by its place, a dialog asks otherwise. */
export type Wish = "new" | "add" | "ask";

export interface Plan {
  handles: string[];
  as: "one" | "several" | "add";
}

interface IntakeValue {
  /** The system's dialog; with a target the files become part of it. */
  choose: (target: Target | null) => Promise<void>;
  /** Hears which records were made. */
  onMade: (listener: (records: RecordId[]) => void) => () => void;
  setTarget: (target: Target | null) => void;
}

const IntakeContext = createContext<IntakeValue | null>(null);

export function useIntake(): IntakeValue {
  const value = useContext(IntakeContext);
  if (!value) throw new Error("outside of IntakeProvider");
  return value;
}

/** Names the record that files can be added to while this is mounted. */
export function useIntakeTarget(id: RecordId, title: string | undefined): void {
  const { setTarget } = useIntake();
  useEffect(() => {
    if (title === undefined) return;
    setTarget({ id, title });
    return () => setTarget(null);
  }, [id, title, setTarget]);
}

export function IntakeProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const backend = useBackend();
  const toast = useToast();
  const [target, setTarget] = useState<Target | null>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const [offered, setOffered] = useState<{ files: OfferedFile[]; error: BackendError | null } | null>(null);
  const [busy, setBusy] = useState(false);
  const listeners = useRef(new Set<(records: RecordId[]) => void>());

  const carryOut = useCallback(
    async (files: OfferedFile[], plan: Plan, to: Target | null) => {
      setBusy(true);
      try {
        if (plan.as === "add" && to) {
          await backend.call("add_files", { record: to.id, handles: plan.handles });
          toast({ text: t("records.added", { title: to.title }) });
        } else {
          const as = plan.as === "several" ? "several" : "one";
          const { records } = await backend.call("create_records", { handles: plan.handles, as });
          const title = files.find((file) => file.handle === plan.handles[0])?.name ?? "";
          toast({ text: t("records.created", { count: records.length, title }) });
          for (const listener of listeners.current) listener(records);
        }
        setOffered(null);
        const unwanted = files.map((file) => file.handle).filter((handle) => !plan.handles.includes(handle));
        if (unwanted.length > 0) await backend.call("drop_offer", { handles: unwanted });
      } catch (error) {
        if (error instanceof BackendError) setOffered({ files, error });
      } finally {
        setBusy(false);
      }
    },
    [backend, t, toast],
  );

  const take = useCallback(
    (files: OfferedFile[], wish: Wish, to: Target | null) => {
      const readable = files.filter((file) => file.media_type !== null);
      const handles = readable.map((file) => file.handle);
      const all = readable.length === files.length && files.length > 0;
      if (all && wish === "add" && to) void carryOut(files, { handles, as: "add" }, to);
      else if (all && wish === "new" && files.length === 1) void carryOut(files, { handles, as: "one" }, null);
      else if (files.length > 0) setOffered({ files, error: null });
    },
    [carryOut],
  );

  useShellEvents((event) => {
    if (event.event === "drag") setHover(event.count > 0 ? event : null);
    if (event.event !== "files_offered") return;
    setHover(null);
    const zone = event.at && zoneAt(event.at);
    take(event.files, event.how === "opened" ? "new" : (zone ?? (target ? "ask" : "new")), target);
  });

  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const image = pastedImage(event);
      if (!image) return;
      event.preventDefault();
      image
        .then((read) => backend.call("paste_image", read))
        .then((file) => take([file], target ? "ask" : "new", target))
        .catch((error) => error instanceof BackendError && setOffered({ files: [], error }));
    };
    window.addEventListener("paste", onPaste);
    return () => window.removeEventListener("paste", onPaste);
  }, [backend, take, target]);

  const value = useMemo<IntakeValue>(
    () => ({
      setTarget,
      onMade: (listener) => {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
      choose: async (to) => {
        try {
          take(await backend.call("choose_files"), to ? "add" : "new", to);
        } catch (error) {
          if (error instanceof BackendError) setOffered({ files: [], error });
        }
      },
    }),
    [backend, take],
  );

  const close = () => {
    const handles = offered?.files.map((file) => file.handle) ?? [];
    setOffered(null);
    if (handles.length > 0) backend.call("drop_offer", { handles }).catch(() => {});
  };

  return (
    <IntakeContext value={value}>
      {children}
      {hover && <DropOverlay hover={hover} target={target} />}
      {offered && (
        <OfferDialog
          files={offered.files}
          error={offered.error}
          target={target}
          busy={busy}
          onClose={close}
          onRead={(plan) => void carryOut(offered.files, plan, target)}
        />
      )}
    </IntakeContext>
  );
}
