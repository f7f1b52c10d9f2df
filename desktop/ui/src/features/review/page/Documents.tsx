/** The documents in the record: where each begins, its date, kind and first line. */
import { Popover } from "@mantine/core";
import clsx from "clsx";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Encounter } from "@/backend/contract";
import { useFormat } from "@/i18n/format";
import classes from "./Documents.module.css";

interface Props {
  encounters: Encounter[];
  page: number;
  opened: boolean;
  onClose: () => void;
  onOpen: (page: number) => void;
  children: ReactNode;
}

function List({ encounters, page, onClose, onOpen }: Omit<Props, "opened" | "children">) {
  const { t } = useTranslation();
  const format = useFormat();
  const list = useRef<HTMLUListElement>(null);
  const here = encounters.findIndex((it) => page >= it.first_page && page <= it.last_page);
  const rows = () => [...(list.current?.querySelectorAll("button") ?? [])];
  useEffect(() => {
    const buttons = [...(list.current?.querySelectorAll("button") ?? [])];
    (buttons[Math.max(0, here)] ?? list.current)?.focus();
  }, [here]);

  const onKeyDown = (event: KeyboardEvent) => {
    const all = rows();
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      all[Math.max(0, Math.min(all.length - 1, next))]?.focus();
    }
    if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    }
  };
  if (encounters.length === 0) return <p className={classes.nothing}>{t("review.no_documents")}</p>;
  return (
    <ul ref={list} className={classes.list} aria-label={t("review.documents")} onKeyDown={onKeyDown}>
      {encounters.map((it, index) => (
        <li key={`${it.first_page} ${it.kind}`}>
          <button
            type="button"
            className={clsx(classes.row, index === here && classes.here)}
            aria-current={index === here ? "true" : undefined}
            onClick={() => {
              onOpen(it.first_page);
              onClose();
            }}
          >
            <span className={classes.pages}>
              {it.first_page === it.last_page ? it.first_page : `${it.first_page}–${it.last_page}`}
            </span>
            <span className={classes.kind}>{it.kind}</span>
            <span className={classes.date}>{it.date && format.day(it.date)}</span>
            <span className={classes.first} data-excerpt="">
              {it.first_line || it.author}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

export function Documents({ children, opened, ...rest }: Props) {
  return (
    <Popover
      opened={opened}
      onChange={(next) => !next && rest.onClose()}
      position="bottom-start"
      offset={4}
      width="30rem"
      trapFocus={false}
      returnFocus
    >
      <Popover.Target>{children}</Popover.Target>
      <Popover.Dropdown className={classes.float ?? ""}>
        <List {...rest} />
      </Popover.Dropdown>
    </Popover>
  );
}
