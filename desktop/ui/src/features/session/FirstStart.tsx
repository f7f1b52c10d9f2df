/** First start: the sample as a strip of its page with one statement under it, and what is to be done before the first report. */

import { IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, type LinkProps } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMe, usePreferences } from "@/app/useSession";
import { useBackendQueries } from "@/backend/context";
import { Act } from "@/components/Act";
import { Grow, ToolBar } from "@/components/Bars";
import { Dot } from "@/components/Dot";
import { icon } from "@/components/icon";
import { SectionHead } from "@/components/SectionHead";
import { useFormat } from "@/i18n/format";
import classes from "./FirstStart.module.css";
import { LitWords } from "./LitWords";
import page from "./sample-page-6.webp";

/** Where the shown statement stands in the sample. */
const samplePage = 6;

interface Todo {
  label: string;
  text?: string;
  done: boolean;
  act?: { label: string; to: LinkProps["to"] };
}

function useTodos(): Todo[] {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useBackendQueries();
  const [{ appearance_seen, language, text_size }] = usePreferences();
  const { data: signature } = useQuery(queries.signature());
  const { data: clinic } = useQuery(queries.clinic());
  const letterhead = clinic?.letterhead;
  const todos: Todo[] = [
    { label: t("session.first_clinic"), done: true },
    { label: t("session.first_store"), done: true },
  ];
  if (signature?.signs !== false) {
    todos.push({
      label: t("session.first_signature"),
      text: t("session.first_signature_text"),
      done: Boolean(signature?.block),
      act: { label: t("session.first_signature_act"), to: "/settings/signature" },
    });
  }
  if (clinic?.may_edit !== false) {
    todos.push({
      label: t("session.first_letterhead"),
      text: t("session.first_letterhead_text"),
      done: Boolean(letterhead && (letterhead.picture || letterhead.lines.length > 0)),
      act: { label: t("session.first_letterhead_act"), to: "/settings/letterhead" },
    });
  }
  todos.push({
    label: t("session.first_language"),
    text: t("session.first_language_text", {
      language: t(`settings.languages.${language}`),
      percent: format.percent(text_size),
    }),
    done: appearance_seen,
    act: { label: t("session.first_language_act"), to: "/settings/appearance" },
  });
  return todos;
}

function Sample() {
  const { t } = useTranslation();
  return (
    <div className={classes.sample}>
      <div className={classes.strip} role="img" aria-label={t("session.first_page_alt")}>
        <div className={classes.paper}>
          <img src={page} alt="" />
          <LitWords />
        </div>
      </div>
      <div className={classes.statement}>
        <p className={classes.words}>{t("session.first_statement")}</p>
        <span className={classes.page}>{samplePage}</span>
      </div>
    </div>
  );
}

export function FirstStart({ onOpenSample, busy }: { onOpenSample: () => void; busy: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { me } = useMe();
  const [, setPreferences] = usePreferences();
  const todos = useTodos();
  const done = todos.filter((todo) => todo.done).length;

  return (
    <>
      <ToolBar edge={false}>
        <Grow />
        <Act kind="quiet" onClick={() => setPreferences({ first_start_hidden: true })}>
          {t("session.first_hide")}
        </Act>
      </ToolBar>
      <div className={classes.body}>
        <h1>{t("session.first_title", { name: me.name.split(" ")[0] ?? me.name })}</h1>
        <p className={classes.lead}>{t("session.first_text")}</p>
        <Sample />
        <div className={classes.go}>
          <Act kind="primary" command="record_open" busy={busy} onClick={onOpenSample}>
            {t("session.first_open")}
          </Act>
          <span className={classes.lead}>{t("session.first_open_text")}</span>
        </div>
        <div className={classes.todo}>
          <SectionHead note={t("session.first_done", { done: format.number(done), all: format.number(todos.length) })}>
            {t("session.first_list")}
          </SectionHead>
          <ul>
            {todos.map((todo) => (
              <li key={todo.label} className={classes.row} data-done={todo.done || undefined}>
                <span className={classes.state}>
                  {todo.done ? <IconCheck {...icon} stroke={2} size="0.9375rem" /> : <Dot kind="waiting" />}
                </span>
                <span className={classes.what}>
                  <b>{todo.label}</b>
                  {todo.text && !todo.done && <span className={classes.text}>{todo.text}</span>}
                </span>
                {todo.act && !todo.done && (
                  <Link to={todo.act.to} className={classes.act}>
                    {todo.act.label}
                  </Link>
                )}
              </li>
            ))}
          </ul>
        </div>
      </div>
    </>
  );
}
