import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Account.module.css";

interface Drawing {
  viewBox: string;
  parts: { d: string; paper: boolean }[];
}

/** Paths and rectangles of the document; the policy allows no picture that comes as text, and nothing else of it is needed. */
function drawingOf(svg: string): Drawing {
  const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  const viewBox =
    root.getAttribute("viewBox") ??
    `0 0 ${Number.parseFloat(root.getAttribute("width") ?? "1")} ${Number.parseFloat(root.getAttribute("height") ?? "1")}`;
  const parts = [...root.querySelectorAll("path, rect")].map((element) => {
    const number = (name: string) => element.getAttribute(name) ?? "0";
    const d =
      element.getAttribute("d") ??
      `M${number("x")} ${number("y")}h${number("width")}v${number("height")}h-${number("width")}z`;
    return { d, paper: /^(#f+|white)$/i.test(element.getAttribute("fill") ?? "") };
  });
  return { viewBox, parts };
}

/** Black on white in both schemes: cameras want it so. */
export function QrCode({ svg }: { svg: string }) {
  const { t } = useTranslation();
  const { viewBox, parts } = useMemo(() => drawingOf(svg), [svg]);
  return (
    <svg
      className={classes.qr}
      viewBox={viewBox}
      shapeRendering="crispEdges"
      role="img"
      aria-label={t("account.qr_alt")}
    >
      {parts.map(({ d, paper }) => (
        <path key={d} d={d} className={paper ? classes.qrPaper : classes.qrInk} />
      ))}
    </svg>
  );
}
