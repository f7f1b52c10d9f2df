import { Tooltip } from "@mantine/core";
import { Link, type LinkProps } from "@tanstack/react-router";
import clsx from "clsx";
import type { ReactNode } from "react";
import { useNarrow } from "./narrow";
import classes from "./SideBar.module.css";

export function SideBar({ label, children, foot }: { label: string; children: ReactNode; foot?: ReactNode }) {
  return (
    <nav className={classes.side} aria-label={label}>
      <div className={classes.main}>{children}</div>
      {foot}
    </nav>
  );
}

export function SideHead({ children }: { children: ReactNode }) {
  return <h2 className={clsx("mn-label", classes.head)}>{children}</h2>;
}

interface SideLinkProps extends Pick<LinkProps, "to" | "search" | "activeOptions"> {
  icon: ReactNode;
  label: string;
  count?: ReactNode;
  quiet?: boolean;
  active?: boolean;
}

/** A place in the side bar. In the narrow window only its icon stays, and the name becomes a tooltip. */
export function SideLink({ icon, label, count, quiet = false, active, ...link }: SideLinkProps) {
  const narrow = useNarrow();
  return (
    <Tooltip label={label} position="right" disabled={!narrow}>
      <Link
        {...link}
        className={clsx(classes.link, quiet && classes.quiet, active && classes.active)}
        {...(active === undefined ? { activeProps: { className: clsx(classes.link, classes.active) } } : {})}
        {...(active === true ? { "aria-current": "page" as const } : {})}
      >
        <span className={classes.icon}>{icon}</span>
        <span className={classes.label}>{label}</span>
        {count !== undefined && <span className={classes.count}>{count}</span>}
      </Link>
    </Tooltip>
  );
}
