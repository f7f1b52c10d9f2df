/** The door: sign in, create a clinic, enter the mailed code, choose the server. A form at the left, a sheet on the desk at the right. */
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Server, SessionState } from "@/backend/contract";
import { Mark } from "@/components/Mark";
import { AcceptInvitation } from "./AcceptInvitation";
import { ChooseClinic } from "./ChooseClinic";
import { ConfirmCode } from "./ConfirmCode";
import { CreateClinic, type NewClinic } from "./CreateClinic";
import classes from "./Door.module.css";
import { ForgotPassword } from "./ForgotPassword";
import { SampleSheet } from "./SampleSheet";
import { SecondFactor } from "./SecondFactor";
import { ServerChoice, ServerLine } from "./ServerChoice";
import { SignIn } from "./SignIn";

type Step = "sign_in" | "create" | "code" | "server" | "forgot" | "invitation";

interface Props {
  server: Server;
  email?: string;
  notice?: string;
  /** A sign-in that is not finished. */
  session?: Extract<SessionState, { state: "second_factor" | "choose_clinic" }>;
}

export function Door({ server, email = "", notice, session }: Props) {
  const { t } = useTranslation();
  const [step, setStep] = useState<Step>("sign_in");
  const unfinished = session !== undefined;
  useEffect(() => {
    // Whoever goes back from there begins at the sign-in.
    if (unfinished) setStep("sign_in");
  }, [unfinished]);
  const [clinic, setClinic] = useState<NewClinic | null>(null);

  return (
    <div className={classes.door}>
      <main className={classes.form}>
        <div className={classes.logo}>
          <Mark size="1.75rem" />
          {t("common.app")}
        </div>
        <div className={classes.step}>
          {session?.state === "second_factor" && <SecondFactor session={session} />}
          {session?.state === "choose_clinic" && <ChooseClinic session={session} />}
          {step === "sign_in" && !session && (
            <SignIn
              email={email}
              notice={notice ?? null}
              onCreate={() => setStep("create")}
              onForgot={() => setStep("forgot")}
              onInvited={() => setStep("invitation")}
            />
          )}
          {step === "forgot" && <ForgotPassword email={email} onBack={() => setStep("sign_in")} />}
          {step === "invitation" && <AcceptInvitation onBack={() => setStep("sign_in")} />}
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
        {step !== "server" && !session && <ServerLine server={server} onChange={() => setStep("server")} />}
      </main>
      <SampleSheet />
    </div>
  );
}
