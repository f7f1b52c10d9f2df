/** The backend for components: `useBackend` to act, `useQueries` to read, `useCommand` for one act with its state. */
import { type UseMutationResult, useMutation } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef } from "react";
import type { Args, Backend, BackendError, Input, Output } from "./backend";
import type { CommandName, ShellEvent } from "./contract";
import { type Queries, queriesOf } from "./queries";

const BackendContext = createContext<{ backend: Backend; queries: Queries } | null>(null);

export function BackendProvider({ backend, children }: { backend: Backend; children: ReactNode }) {
  const value = useMemo(() => ({ backend, queries: queriesOf(backend) }), [backend]);
  return <BackendContext value={value}>{children}</BackendContext>;
}

function useContextValue() {
  const value = useContext(BackendContext);
  if (!value) throw new Error("outside of BackendProvider");
  return value;
}

export const useBackend = (): Backend => useContextValue().backend;
export const useBackendQueries = (): Queries => useContextValue().queries;

/** One command as a mutation: `mutate`, `isPending`, `error` with its code. */
export function useCommand<N extends CommandName>(
  name: N,
  options: { onSuccess?: (output: Output<N>, input: Input<N>) => void } = {},
): UseMutationResult<Output<N>, BackendError, Input<N>> {
  const backend = useBackend();
  return useMutation({
    mutationFn: (input: Input<N>) => backend.call(name, ...((input === undefined ? [] : [input]) as Args<N>)),
    onSuccess: (output, input) => options.onSuccess?.(output, input),
  });
}

/** Hears events while the component is there. */
export function useShellEvents(handler: (event: ShellEvent) => void): void {
  const backend = useBackend();
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => backend.listen((event) => latest.current(event)), [backend]);
}
