/** The door: sign in, create a clinic, enter the mailed code, choose the server. A form at the left, a sheet on the desk at the right. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Server } from "@/backend/contract";
import { Mark } from "@/components/Mark";
import { ConfirmCode } from "./ConfirmCode";
import { CreateClinic, type NewClinic } from "./CreateClinic";
import classes from "./Door.module.css";
import { SampleSheet } from "./SampleSheet";
import { ServerChoice, ServerLine } from "./ServerChoice";
import { SignIn } from "./SignIn";

type Step = "sign_in" | "create" | "code" | "server";

interface Props {
  server: Server;
  email?: string;
  notice?: string;
}

export function Door({ server, email = "", notice }: Props) {
  const { t } = useTranslation();
  const [step, setStep] = useState<Step>("sign_in");
  const [clinic, setClinic] = useState<NewClinic | null>(null);

  return (
    <div className={classes.door}>
      <main className={classes.form}>
        <div className={classes.logo}>
          <Mark size="1.75rem" />
          {t("common.app")}
        </div>
        <div className={classes.step}>
          {step === "sign_in" && <SignIn email={email} notice={notice ?? null} onCreate={() => setStep("create")} />}
          {step === "create" && (
            <CreateClinic
              known={clinic}
              onSignIn={() => setStep("sign_in")}
              onSent={(sent) => {
                setClinic(sent);
                setStep("code");
              }}
            />
          )}
          {step === "code" && clinic && <ConfirmCode clinic={clinic} onBack={() => setStep("create")} />}
          {step === "server" && <ServerChoice server={server} onDone={() => setStep("sign_in")} />}
        </div>
        {step !== "server" && <ServerLine server={server} onChange={() => setStep("server")} />}
      </main>
      <SampleSheet />
    </div>
  );
}
