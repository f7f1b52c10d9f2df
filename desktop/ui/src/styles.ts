/** Style sheets in the order they must stand in. */
import "@fontsource-variable/inter";
import "@mantine/core/styles.css";
import "@mantine/spotlight/styles.css";
import "./theme/fonts.css";
import "./theme/tokens.css";
import "./theme/base.css";
