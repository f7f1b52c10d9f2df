import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { IconArrowRight, IconFileText, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { useBackendQueries } from "@/backend/context";
import { icon } from "@/components/icon";
import { KeyCaps } from "@/components/KeyCaps";
import { useKnownCommands } from "./commands";
import classes from "./Palette.module.css";

const [store, palette] = createSpotlight();
export const openPalette = palette.open;

const fold = (text: string) => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();

/** The label with what was typed in it made strong. */
function Found({ label, query }: { label: string; query: string }): ReactNode {
  const start = query ? fold(label).indexOf(fold(query)) : -1;
  if (start < 0) return label;
  const end = start + query.length;
  return (
    <>
      {label.slice(0, start)}
      <b>{label.slice(start, end)}</b>
      {label.slice(end)}
    </>
  );
}

/** Ctrl K: every command that can be done here, and records by name. */
export function Palette() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [query, setQuery] = useState("");
  const typed = query.trim();
  const commands = useKnownCommands().filter(
    ({ id, act }) => act && id !== "commands" && fold(t(`keys.commands.${id}`)).includes(fold(typed)),
  );

  const search = useDeferredValue(typed);
  const { data } = useInfiniteQuery({
    ...useBackendQueries().recordList({ search, state: null, owner: null }),
    enabled: search.length > 1,
  });
  const records = search.length > 1 ? (data?.pages[0]?.items.slice(0, 6) ?? []) : [];

  return (
    <Spotlight.Root
      store={store}
      query={query}
      onQueryChange={setQuery}
      clearQueryOnClose
      shortcut={null}
      lockScroll={false}
      maxHeight="24rem"
      scrollable
      size="32rem"
      yOffset="18vh"
      centered={false}
      overlayProps={{ blur: 0 }}
      classNames={{ content: classes.content ?? "", body: classes.body ?? "" }}
      attributes={{ content: { "aria-label": t("keys.palette") } }}
    >
      <Spotlight.Search
        placeholder={t("keys.palette_search")}
        aria-label={t("keys.palette")}
        leftSection={<IconSearch {...icon} />}
        className={classes.search ?? ""}
      />
      <Spotlight.ActionsList className={classes.list ?? ""}>
        {commands.map(({ id, act }) => (
          <Spotlight.Action key={id} className={classes.action ?? ""} onClick={() => act?.()}>
            <IconArrowRight {...icon} />
            <span className={classes.label}>
              <Found label={t(`keys.commands.${id}`)} query={typed} />
            </span>
            <KeyCaps of={id} />
          </Spotlight.Action>
        ))}
        {records.map((record) => (
          <Spotlight.Action
            key={record.id}
            className={classes.action ?? ""}
            onClick={() => void navigate({ to: "/records", search: { record: record.id } })}
          >
            <IconFileText {...icon} />
            <span className={classes.label} title={record.title}>
              <Found label={record.title} query={typed} />
            </span>
            <span className={classes.what} title={record.kind ?? undefined}>
              {record.kind}
            </span>
          </Spotlight.Action>
        ))}
        {commands.length === 0 && records.length === 0 && (
          <Spotlight.Empty className={classes.empty ?? ""}>{t("keys.palette_nothing")}</Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
