import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useBackend, useBackendQueries } from "@/backend/context";
import type { Me, Preferences, Start } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";

/** What the window began with; there once the gate has opened. */
export function useStart(): Start {
  const { data } = useQuery(useBackendQueries().start());
  if (!data) throw new Error("the window has not started");
  return data;
}

/** Who is signed in; only inside of the gate. */
export function useMe(): { me: Me; readOnly: boolean } {
  const { session } = useStart();
  if (session.state !== "open") throw new Error("nobody is signed in");
  return { me: session.me, readOnly: session.read_only };
}

/** Changes preferences at once; the shell keeps them. */
export function usePreferences(): [Preferences, (changes: Partial<Preferences>) => void] {
  const { preferences } = useStart();
  const backend = useBackend();
  const cache = useQueryClient();
  const put = (next: (known: Preferences) => Preferences) =>
    cache.setQueryData<Start>(queryKeys.start, (start) => start && { ...start, preferences: next(start.preferences) });
  return [
    preferences,
    (changes) => {
      put((known) => ({ ...known, ...changes }));
      // A preference that could not be kept still holds until the window closes.
      backend.call("set_preferences", changes).then(
        (kept) => put(() => kept),
        () => {},
      );
    },
  ];
}
