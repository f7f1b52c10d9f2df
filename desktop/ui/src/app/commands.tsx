/** What can be done here and now. A screen offers its commands while it is mounted; keys, palette and `?` sheet read the same list. */
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useId,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { type CommandId, commandIds, entryOf, matchesKey } from "./keymap";
import { usePlatform } from "./platform";

/** What a command does now; null: it is known here, but cannot be done at the moment. */
export type CommandActs = Partial<Record<CommandId, (() => void) | null>>;

class CommandRegistry {
  private offers: { owner: string; acts: () => CommandActs }[] = [];
  private listeners = new Set<() => void>();
  private version = 0;

  offer(owner: string, acts: () => CommandActs): () => void {
    this.offers.push({ owner, acts });
    this.changed();
    return () => {
      this.offers = this.offers.filter((offer) => offer.owner !== owner);
      this.changed();
    };
  }

  /** The last screen that offers a command has it. */
  actOf(id: CommandId): (() => void) | null | undefined {
    for (const { acts } of this.offers.toReversed()) {
      const act = acts()[id];
      if (act !== undefined) return act;
    }
    return undefined;
  }

  /** Commands that are known here, in the order of the keymap. */
  known(): CommandId[] {
    return commandIds.filter((id) => this.actOf(id) !== undefined);
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = () => this.version;

  private changed() {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}

const RegistryContext = createContext<CommandRegistry | null>(null);

function useRegistry(): CommandRegistry {
  const registry = useContext(RegistryContext);
  if (!registry) throw new Error("outside of CommandsProvider");
  return registry;
}

function isEditable(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** Whether the focused thing has a use of its own for this key. */
function wantsKey(target: EventTarget | null, binding: string): boolean {
  if (binding.startsWith("mod+") || /^(shift\+)?F\d+$/.test(binding)) return false;
  if (isEditable(target)) return true;
  if (!(target instanceof HTMLElement)) return false;
  return binding === "Enter" && target.closest("button, a, [role=menuitem], summary") !== null;
}

const dialogIsOpen = () => document.querySelector('[aria-modal="true"], [role="menu"]') !== null;

export function CommandsProvider({ children }: { children: ReactNode }) {
  const [registry] = useState(() => new CommandRegistry());
  const mac = usePlatform() === "macos";

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || dialogIsOpen()) return;
      for (const id of registry.known()) {
        const { keys, shownOnly } = entryOf(id);
        const binding = keys.find((it) => matchesKey(event, it, mac));
        if (!binding || shownOnly || wantsKey(event.target, binding)) continue;
        event.preventDefault();
        registry.actOf(id)?.();
        return;
      }
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [registry, mac]);

  return <RegistryContext value={registry}>{children}</RegistryContext>;
}

/** Offers commands while the component is mounted. */
export function useCommands(acts: CommandActs): void {
  const registry = useRegistry();
  const owner = useId();
  const latest = useRef(acts);
  useEffect(() => {
    latest.current = acts;
  });
  useEffect(() => registry.offer(owner, () => latest.current), [registry, owner]);
}

export interface KnownCommand {
  id: CommandId;
  act: (() => void) | null;
}

/** The commands that are known here now. */
export function useKnownCommands(): KnownCommand[] {
  const registry = useRegistry();
  useSyncExternalStore(registry.subscribe, registry.snapshot);
  return registry.known().map((id) => ({ id, act: registry.actOf(id) ?? null }));
}
