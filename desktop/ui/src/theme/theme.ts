/** The tokens as a Mantine theme. Holds no colour of its own: both schemes follow tokens.css. */
import {
  type CSSVariablesResolver,
  colorsTuple,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from "@mantine/core";

/** Mantine reads `gray` in light only and `dark` in dark only, so ten roles each are enough. */
const gray = [
  "var(--mn-ground)",
  "var(--mn-hover)",
  "var(--mn-press)",
  "var(--mn-line)",
  "var(--mn-decor)",
  "var(--mn-line-strong)",
  "var(--mn-faint)",
  "var(--mn-muted)",
  "var(--mn-ink-2)",
  "var(--mn-ink)",
] as const satisfies MantineColorsTuple;

const dark = [
  "var(--mn-ink)",
  "var(--mn-ink-2)",
  "var(--mn-muted)",
  "var(--mn-faint)",
  "var(--mn-line)",
  "var(--mn-hairline)",
  "var(--mn-raised)",
  "var(--mn-surface)",
  "var(--mn-ground)",
  "var(--mn-desk)",
] as const satisfies MantineColorsTuple;

/** Text on a filled control. Mantine would settle it once, for the light scheme. */
const onFilled: Record<string, string> = { teal: "var(--mn-on-accent)", red: "var(--mn-on-danger)" };

const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  if (input.variant === "filled") {
    const text = onFilled[input.color ?? input.theme.primaryColor];
    return text ? { ...colors, color: text } : colors;
  }
  if (input.variant === "subtle" && (input.color === undefined || input.color === "gray")) {
    return { ...colors, background: "transparent", hover: "var(--mn-hover)", color: "var(--mn-ink-2)" };
  }
  return colors;
};

const quick = { transition: "fade", duration: 90 } as const;

export const theme = createTheme({
  colors: {
    teal: colorsTuple("var(--mn-accent)"),
    red: colorsTuple("var(--mn-danger)"),
    amber: colorsTuple("var(--mn-warning)"),
    green: colorsTuple("var(--mn-good)"),
    gray,
    dark,
  },
  primaryColor: "teal",
  variantColorResolver,
  white: "var(--mn-surface)",
  black: "var(--mn-ink)",
  fontFamily: "var(--mn-sans)",
  fontFamilyMonospace: "var(--mn-mono)",
  fontSizes: {
    xs: "var(--mn-fs-meta)",
    sm: "var(--mn-fs-ui)",
    md: "var(--mn-fs-body)",
    lg: "var(--mn-fs-read)",
    xl: "var(--mn-fs-section)",
  },
  lineHeights: {
    xs: "var(--mn-lh-meta)",
    sm: "var(--mn-lh-ui)",
    md: "var(--mn-lh-body)",
    lg: "var(--mn-lh-read)",
    xl: "var(--mn-lh-section)",
  },
  spacing: { xs: "0.25rem", sm: "0.5rem", md: "0.75rem", lg: "1rem", xl: "1.5rem" },
  radius: {
    xs: "2px",
    sm: "var(--mn-r-chip)",
    md: "var(--mn-r-control)",
    lg: "var(--mn-r-panel)",
    xl: "var(--mn-r-panel)",
  },
  defaultRadius: "md",
  shadows: { sm: "var(--mn-shadow-paper)", md: "var(--mn-shadow-pop)", xl: "var(--mn-shadow-dialog)" },
  headings: { fontFamily: "var(--mn-serif)", fontWeight: "600" },
  respectReducedMotion: true,
  cursorType: "default",
  focusRing: "auto",
  components: {
    Text: { defaultProps: { size: "sm" } },
    Anchor: { defaultProps: { underline: "never", inherit: true } },
    Button: { defaultProps: { size: "sm", variant: "default" } },
    ActionIcon: { defaultProps: { size: 32, variant: "subtle", color: "gray" } },
    Checkbox: { defaultProps: { iconColor: "var(--mn-on-accent)" } },
    Radio: { defaultProps: { iconColor: "var(--mn-on-accent)" } },
    Select: { defaultProps: { checkIconPosition: "right", allowDeselect: false } },
    SegmentedControl: { defaultProps: { size: "xs", withItemsBorders: false, transitionDuration: 90 } },
    Modal: {
      defaultProps: {
        radius: "lg",
        shadow: "xl",
        centered: true,
        // The body never scrolls, and the sheet that locks it has no nonce.
        lockScroll: false,
        withCloseButton: false,
        size: "27.5rem",
        padding: "1.375rem",
        transitionProps: { transition: "fade", duration: 160 },
      },
    },
    Menu: {
      defaultProps: {
        withInitialFocusPlaceholder: false,
        radius: "lg",
        shadow: "md",
        offset: 4,
        transitionProps: quick,
      },
    },
    Popover: { defaultProps: { radius: "lg", shadow: "md", transitionProps: quick } },
    Tooltip: { defaultProps: { openDelay: 500, transitionProps: quick } },
    Progress: { defaultProps: { size: 4, radius: "xs" } },
    Skeleton: { defaultProps: { radius: 3, animate: false } },
  },
});

const roles = {
  "--mantine-color-body": "var(--mn-surface)",
  "--mantine-color-text": "var(--mn-ink)",
  "--mantine-color-dimmed": "var(--mn-muted)",
  "--mantine-color-bright": "var(--mn-ink)",
  "--mantine-color-placeholder": "var(--mn-faint)",
  "--mantine-color-anchor": "var(--mn-accent-text)",
  "--mantine-color-default": "var(--mn-field)",
  "--mantine-color-default-hover": "var(--mn-hover)",
  "--mantine-color-default-color": "var(--mn-ink)",
  "--mantine-color-default-border": "var(--mn-line)",
  "--mantine-color-error": "var(--mn-danger)",
  "--mantine-primary-color-filled": "var(--mn-accent)",
  "--mantine-primary-color-filled-hover": "var(--mn-accent-hover)",
  "--mantine-primary-color-contrast": "var(--mn-on-accent)",
  "--mantine-color-teal-filled": "var(--mn-accent)",
  "--mantine-color-teal-filled-hover": "var(--mn-accent-hover)",
  "--mantine-color-teal-text": "var(--mn-accent-text)",
  "--mantine-color-teal-light": "var(--mn-tint)",
  "--mantine-color-teal-light-hover": "var(--mn-hover)",
  "--mantine-color-teal-light-color": "var(--mn-accent-text)",
  "--mantine-color-red-filled": "var(--mn-danger)",
  "--mantine-color-red-filled-hover": "var(--mn-danger-hover)",
  "--mantine-color-red-text": "var(--mn-danger)",
  "--mantine-color-red-light": "var(--mn-danger-tint)",
  "--mantine-color-red-light-hover": "var(--mn-danger-tint)",
  "--mantine-color-red-light-color": "var(--mn-danger)",
  "--mantine-color-gray-text": "var(--mn-muted)",
  "--mantine-color-gray-light": "var(--mn-press)",
  "--mantine-color-gray-light-color": "var(--mn-ink-2)",
  "--mantine-color-gray-light-hover": "var(--mn-hover)",
};

export const resolver: CSSVariablesResolver = () => ({ variables: {}, light: roles, dark: roles });
