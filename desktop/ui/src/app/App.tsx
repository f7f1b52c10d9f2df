/** The window over a backend. */
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { I18nextProvider } from "react-i18next";
import type { Backend } from "@/backend/backend";
import { BackendProvider } from "@/backend/context";
import { isPassing, tellsOfChange } from "@/backend/errors";
import { queriesOf } from "@/backend/queries";
import { queryKeys } from "@/backend/queryKeys";
import { createI18n } from "@/i18n";
import { Gate } from "./Gate";
import { type AppRouter, createAppRouter } from "./router";

/** The shell tells what changed, so nothing is asked again because time went by or the window got the focus. */
export function createCache(backend: Backend): QueryClient {
  // Who was refused what is offered here has become somebody else meanwhile: the answer makes the shell tell of it.
  const askWhoIAm = (error: unknown) => {
    if (!tellsOfChange(error)) return;
    const { queryKey, queryFn } = queriesOf(backend).ownClinics();
    void cache.fetchQuery({ queryKey, queryFn, staleTime: 0, retry: false }).catch(() => {});
  };
  const cache: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (query.queryKey !== queryKeys.ownClinics) askWhoIAm(error);
      },
    }),
    mutationCache: new MutationCache({ onError: askWhoIAm }),
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        networkMode: "always",
        retry: (failures, error) => isPassing(error) && failures < 3,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
  return cache;
}

export function App({ backend, router: given }: { backend: Backend; router?: AppRouter }) {
  const [cache] = useState(() => createCache(backend));
  const [router] = useState(() => given ?? createAppRouter());
  const [i18n] = useState(() => createI18n("en"));
  return (
    <QueryClientProvider client={cache}>
      <I18nextProvider i18n={i18n}>
        <BackendProvider backend={backend}>
          <Gate router={router} i18n={i18n} />
        </BackendProvider>
      </I18nextProvider>
    </QueryClientProvider>
  );
}
