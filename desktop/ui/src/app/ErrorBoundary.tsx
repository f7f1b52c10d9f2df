import { Component, type ErrorInfo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "@/components/Act";
import { Empty } from "@/components/States";

function Stopped() {
  const { t } = useTranslation();
  return (
    <div role="alert">
      <Empty
        title={t("common.fault_title")}
        acts={<Act onClick={() => window.location.reload()}>{t("common.reload")}</Act>}
      >
        {t("common.fault_text")}
      </Empty>
    </div>
  );
}

interface Props {
  children: ReactNode;
  /** A change of this value tries again: another place, another record. */
  resetOn?: unknown;
  onError?: (error: Error, info: ErrorInfo) => void;
}

/** Catches a fault of a screen, so that the rest of the window stays. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    this.props.onError?.(error, info);
  }

  override componentDidUpdate(before: Props) {
    if (this.state.failed && before.resetOn !== this.props.resetOn) this.setState({ failed: false });
  }

  override render() {
    return this.state.failed ? <Stopped /> : this.props.children;
  }
}
