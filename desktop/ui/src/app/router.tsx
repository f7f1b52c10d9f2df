/** The places of the window. What is chosen, searched and filtered stands in the address; nothing else does. */
import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  type RouterHistory,
  redirect,
} from "@tanstack/react-router";
import { ProfileSettings } from "@/features/account/ProfileSettings";
import { SecuritySettings } from "@/features/account/SecuritySettings";
import { BillingSettings } from "@/features/billing/BillingSettings";
import { UsageSettings } from "@/features/billing/UsageSettings";
import { PolicySettings } from "@/features/clinic/PolicySettings";
import { PeopleSettings } from "@/features/people/PeopleSettings";
import { RecordsScreen } from "@/features/records/RecordsScreen";
import { recordsSearch } from "@/features/records/search";
import { ReportScreen } from "@/features/report/ReportScreen";
import { reportSearch } from "@/features/report/search";
import { ReviewScreen } from "@/features/review/ReviewScreen";
import { reviewSearch } from "@/features/review/search";
import { About } from "@/features/settings/About";
import { AppearanceSettings } from "@/features/settings/AppearanceSettings";
import { ClinicSettings } from "@/features/settings/ClinicSettings";
import { KeyboardSettings } from "@/features/settings/KeyboardSettings";
import { LetterheadSettings } from "@/features/settings/LetterheadSettings";
import { SettingsLayout } from "@/features/settings/SettingsLayout";
import { SignatureSettings } from "@/features/settings/SignatureSettings";
import { SupportBundle } from "@/features/settings/SupportBundle";
import { MainLayout } from "./MainLayout";
import { Root } from "./Root";

const root = createRootRoute({ component: Root, notFoundComponent: () => null });

const index = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/records", search: {} });
  },
});

const main = createRoute({ getParentRoute: () => root, id: "main", component: MainLayout });

const records = createRoute({
  getParentRoute: () => main,
  path: "/records",
  validateSearch: recordsSearch,
  component: RecordsScreen,
});

const review = createRoute({
  getParentRoute: () => root,
  path: "/records/$record/review",
  validateSearch: reviewSearch,
  component: ReviewScreen,
});

const report = createRoute({
  getParentRoute: () => root,
  path: "/records/$record/report",
  validateSearch: reportSearch,
  component: ReportScreen,
});

const settings = createRoute({ getParentRoute: () => root, path: "/settings", component: SettingsLayout });

const settingsPages = [
  createRoute({ getParentRoute: () => settings, path: "/profile", component: ProfileSettings }),
  createRoute({ getParentRoute: () => settings, path: "/security", component: SecuritySettings }),
  createRoute({ getParentRoute: () => settings, path: "/people", component: PeopleSettings }),
  createRoute({ getParentRoute: () => settings, path: "/policy", component: PolicySettings }),
  createRoute({ getParentRoute: () => settings, path: "/billing", component: BillingSettings }),
  createRoute({ getParentRoute: () => settings, path: "/usage", component: UsageSettings }),
  createRoute({ getParentRoute: () => settings, path: "/appearance", component: AppearanceSettings }),
  createRoute({ getParentRoute: () => settings, path: "/keyboard", component: KeyboardSettings }),
  createRoute({ getParentRoute: () => settings, path: "/signature", component: SignatureSettings }),
  createRoute({ getParentRoute: () => settings, path: "/clinic", component: ClinicSettings }),
  createRoute({ getParentRoute: () => settings, path: "/letterhead", component: LetterheadSettings }),
  createRoute({ getParentRoute: () => settings, path: "/support", component: SupportBundle }),
  createRoute({ getParentRoute: () => settings, path: "/about", component: About }),
] as const;

const tree = root.addChildren([
  index,
  main.addChildren([records]),
  review,
  report,
  settings.addChildren(settingsPages),
]);

/** The address stays behind the hash: the shell serves one file. */
export function createAppRouter(history: RouterHistory = createHashHistory()) {
  return createRouter({ routeTree: tree, history, defaultPreload: false, scrollRestoration: false });
}

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module "@tanstack/react-router" {
  interface Register {
    router: AppRouter;
  }
}
