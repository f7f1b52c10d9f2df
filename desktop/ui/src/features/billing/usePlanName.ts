import { useTranslation } from "react-i18next";

const known = ["free", "trial", "starter", "professional", "enterprise"] as const;

/** The name of a plan that the catalogue holds; one that this window does not know keeps its key. */
export function usePlanName(): (key: string) => string {
  const { t } = useTranslation();
  return (key) => {
    const plan = known.find((it) => it === key);
    return plan ? t(`billing.plan_names.${plan}`) : key;
  };
}
