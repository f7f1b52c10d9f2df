import { SegmentedControl } from "@mantine/core";
import type { ReactNode } from "react";
import { useFormat } from "@/i18n/format";
import classes from "./Segments.module.css";

export interface Segment<V extends string> {
  value: V;
  label: string;
  count?: number;
  icon?: ReactNode;
}

interface Props<V extends string> {
  label: string;
  value: V;
  onChange: (value: V) => void;
  segments: Segment<V>[];
  size?: "xs" | "sm";
}

/** Two to four views of which one is on; counts in grey. */
export function Segments<V extends string>({ label, value, onChange, segments, size = "xs" }: Props<V>) {
  const format = useFormat();
  return (
    <SegmentedControl
      aria-label={label}
      size={size}
      value={value}
      onChange={(next) => onChange(next as V)}
      data={segments.map((segment) => ({
        value: segment.value,
        label: (
          <span className={classes.segment}>
            {segment.icon}
            {segment.label}
            {segment.count !== undefined && <span className={classes.count}>{format.number(segment.count)}</span>}
          </span>
        ),
      }))}
    />
  );
}
