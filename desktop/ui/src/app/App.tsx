/** The window over a backend. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { I18nextProvider } from "react-i18next";
import type { Backend } from "@/backend/backend";
import { BackendProvider } from "@/backend/context";
import { isPassing } from "@/backend/errors";
import { createI18n } from "@/i18n";
import { Gate } from "./Gate";
import { type AppRouter, createAppRouter } from "./router";

/** The shell tells what changed, so nothing is asked again because time went by or the window got the focus. */
export function createCache(): QueryClient {
  return new QueryClient({
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
}

export function App({ backend, router: given }: { backend: Backend; router?: AppRouter }) {
  const [cache] = useState(createCache);
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
