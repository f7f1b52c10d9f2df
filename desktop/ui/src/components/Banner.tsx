import { Anchor } from "@mantine/core";
import { IconAlertCircle, IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import clsx from "clsx";
import type { ReactNode } from "react";
import classes from "./Banner.module.css";
import { icon } from "./icon";

export type BannerKind = "news" | "warning" | "danger";

const icons = { news: IconInfoCircle, warning: IconAlertTriangle, danger: IconAlertCircle };

interface Props {
  kind?: BannerKind;
  children: ReactNode;
  act?: { label: string; onAct: () => void };
  /** Flush with the edges of what it concerns. */
  square?: boolean;
}

/** Something to decide: one sentence, one act, at the top of what it concerns. Never two at once. */
export function Banner({ kind = "news", children, act, square = false }: Props) {
  const Icon = icons[kind];
  return (
    <div
      className={clsx(classes.banner, classes[kind], square && classes.square)}
      role={kind === "danger" ? "alert" : "status"}
    >
      <span className={classes.icon}>
        <Icon {...icon} />
      </span>
      <p className={classes.text}>{children}</p>
      {act && (
        <Anchor component="button" type="button" className={classes.act} onClick={act.onAct}>
          {act.label}
        </Anchor>
      )}
    </div>
  );
}
