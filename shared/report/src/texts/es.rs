//! Spanish.

use maneiro_api::{
    analysis::{
        Assertion, ClinicalStatus, DoubtReason, ExpectedTopic, FollowUpStatus, LabFlag, MedicationState,
        ModelFailure, ObservationKind,
    },
    edit::StatementSection,
};
use maneiro_page::UnreadReason;
use time::{Date, Month, OffsetDateTime};

use super::table::{Columns, Headings, LetterTexts, ProblemGroups, StatementKinds, Texts};

pub(super) static TEXTS: Texts = Texts {
    tag: "es",
    headings: Headings {
        review: "Análisis del expediente",
        recipient: "Para",
        patient: "Paciente",
        not_named: "el expediente no lo nombra",
        no_findings: "No se encontró nada en este expediente.",
        most_important: "Lo más importante",
        summary: "Resumen",
        conflicts: "Conflictos",
        gaps: "Esperado y no encontrado",
        doubtful: "Dudoso - compárese con la página",
        doubtful_notice: "La comprobación de estas afirmaciones con los pasajes citados falló. No deben tomarse por hechos.",
        about: "Acerca de este informe",
        low_confidence: "† Las palabras se leían mal: compárense con la página.",
        unreadable_pages: "Páginas que no se pudieron leer",
        partly_read_pages: "Páginas que se leyeron en parte",
        not_understood_pages: "Páginas que no se entendieron",
        sources: "Fuentes",
        source_number: "N.º",
        document: "Documento",
        pages: "Páginas",
        signature: "Firma",
        confidential: "Confidencial: información del paciente",
        page: "página",
        page_total: "de",
        emblem_alt: "El emblema de la clínica",
        signature_alt: "Firma",
    },
    columns: Columns {
        problem: "Problema",
        sign_or_symptom: "Signo o síntoma",
        medicine: "Medicamento",
        dose: "Dosis",
        route: "Vía",
        frequency: "Frecuencia",
        status: "Estado",
        substance: "Sustancia",
        reaction: "Reacción",
        measurement: "Medición",
        value: "Valor",
        unit: "Unidad",
        date: "Fecha",
        test: "Prueba",
        range: "Intervalo",
        flag: "Nivel",
        procedure: "Procedimiento",
        study: "Estudio",
        statement: "Afirmación",
        event: "Suceso",
        to_do: "Qué hay que hacer",
        due: "Cuándo",
        noted: "Anotado",
        state: "Estado",
    },
    letter: LetterTexts {
        subject: "Asunto:",
        born: |date| format!("fecha de nacimiento: {date}"),
        record_number: |number| format!("expediente n.º {number}"),
        opening: |record, pages| {
            format!(
                "Esta carta dice lo que más importa del expediente «{record}» ({pages}). Los números entre corchetes \
                 son las páginas del expediente donde está escrito."
            )
        },
        closing: "Atentamente,",
        left_out: |sections| {
            format!(
                "No figura en esta carta, con el número de afirmaciones de la revisión completa: {sections}."
            )
        },
        documents: |list| format!("Documentos: {list}."),
        other_problems: "Problemas negados, previstos o de familiares",
    },
    review_title: |subject| format!("Análisis del expediente: {subject}"),
    letter_title: |subject| format!("Carta sobre {subject}"),
    long_date,
    date_and_minute: |at: OffsetDateTime| {
        format!("{}, {:02}:{:02} UTC", long_date(at.date()), at.hour(), at.minute())
    },
    days: |from, to| match (from, to) {
        (Some(from), Some(to)) => Some(format!("del {from} al {to}")),
        (Some(from), None) => Some(format!("desde el {from}")),
        (None, Some(to)) => Some(format!("hasta el {to}")),
        (None, None) => None,
    },
    born: "Nacimiento",
    sex: "Sexo",
    record_number: "N.º de expediente",
    record: "Expediente",
    focus: "Enfoque",
    period: "Periodo",
    made_by: "Hecho por",
    made_on: "Hecho el",
    built_in_analyser: "Analizador extractivo incorporado",
    language_model: |name| format!("Modelo de lenguaje {name}"),
    pages,
    not_readable: |number| count(number, "ilegible", "ilegibles"),
    read_in_part: |number| count(number, "leída en parte", "leídas en parte"),
    statements,
    checked: |number| count(number, "comprobada con su página", "comprobadas con sus páginas"),
    doubtful_apart: |number| count(number, "dudosa, enumerada aparte", "dudosas, enumeradas aparte"),
    made_by_rules: "Cada afirmación se tomó de las propias palabras del expediente con reglas fijas; no se usó ningún \
                    modelo de lenguaje.",
    made_by_model: |name| {
        format!(
            "Las afirmaciones las escribió el modelo de lenguaje {name}. Cada una cita el expediente, y cada cita se buscó \
             en su página por otros medios que el modelo."
        )
    },
    aid_to_reading: "Este informe ayuda a leer el expediente y no lo sustituye. Un médico lo revisa antes de usarlo.",
    understanding: |lines, used, not_understood| {
        format!(
            "De {lines} líneas de texto, {used} dieron una afirmación del análisis; {not_understood} no se entendieron y \
             pueden decir más."
        )
    },
    model_failure: |failure, all_is_built_in| {
        let why = match failure {
            ModelFailure::Unavailable => "El modelo de lenguaje no respondió",
            ModelFailure::RequestRejected => "El servidor del modelo de lenguaje rechazó la solicitud",
            ModelFailure::UnusableAnswers => "Las respuestas del modelo de lenguaje no se pudieron usar",
        };
        let what = if all_is_built_in {
            "esto es lo que encontró el analizador incorporado"
        } else {
            "solo hizo una parte"
        };
        format!("{why}; {what}.")
    },
    also_in_record_note: "Lo marcado «también en el expediente» lo omitió el modelo de lenguaje y lo encontró el analizador \
                          incorporado.",
    not_stated: |topics| format!("No consta en estas páginas: {topics}."),
    topic: |topic| match topic {
        ExpectedTopic::Allergies => "alergias",
        ExpectedTopic::Medications => "medicación",
        ExpectedTopic::CodeStatus => "órdenes de reanimación",
        ExpectedTopic::Surrogate => "quién decide por el paciente",
        ExpectedTopic::SocialHistory => "antecedentes sociales",
        ExpectedTopic::FamilyHistory => "antecedentes familiares",
        ExpectedTopic::Vaccines => "vacunas",
        ExpectedTopic::FollowUp => "seguimiento",
    },
    malformed_outputs: |number| match number {
        1 => "1 respuesta del modelo de lenguaje no tenía la forma pedida y se descartó.".to_owned(),
        _ => {
            format!("{number} respuestas del modelo de lenguaje no tenían la forma pedida y se descartaron.")
        }
    },
    uncited_statements: |number| match number {
        1 => "1 afirmación del modelo de lenguaje no citaba nada y se descartó.".to_owned(),
        _ => format!("{number} afirmaciones del modelo de lenguaje no citaban nada y se descartaron."),
    },
    sections_left_out: |sections| {
        format!("Secciones que este informe omite, con el número de sus afirmaciones: {sections}.")
    },
    with_doubtful: |statements, doubtful| {
        format!("{statements}, {}", count(doubtful, "de ellas dudosa", "de ellas dudosas"))
    },
    assertion: |assertion| match assertion {
        Assertion::Present => None,
        Assertion::Negated => Some("negado"),
        Assertion::Possible => Some("posible"),
        Assertion::Family => Some("familiar"),
        Assertion::Historical => Some("antecedente"),
        Assertion::Planned => Some("previsto"),
    },
    also_in_record: "también en el expediente",
    not_checked: "no se comprobó",
    doubt: |doubt| match doubt {
        DoubtReason::QuoteNotFound => "las palabras citadas no se encontraron en la página",
        DoubtReason::Patient => "la página es de otro paciente",
        DoubtReason::Name => "el pasaje no lo nombra",
        DoubtReason::Assertion => "el pasaje lo dice de otro modo, de otra persona o de otro tiempo",
        DoubtReason::Status => "si es actual no es lo que dice el pasaje",
        DoubtReason::Dose => "la dosis no es la del pasaje",
        DoubtReason::Route => "la vía no es la del pasaje",
        DoubtReason::Frequency => "la frecuencia no es la del pasaje",
        DoubtReason::Value => "el valor no es el del pasaje",
        DoubtReason::Unit => "la unidad no es la del pasaje",
        DoubtReason::ReferenceRange => "el intervalo de referencia no es el del pasaje",
        DoubtReason::Date => "el día no es el del pasaje ni el de su consulta",
        DoubtReason::Text => "la frase dice más que el pasaje",
    },
    flag: |flag| match flag {
        LabFlag::Low => "Bajo",
        LabFlag::Normal => "Normal",
        LabFlag::High => "Alto",
        LabFlag::Abnormal => "Anormal",
    },
    clinical_status: |status| match status {
        ClinicalStatus::Active => "Activo",
        ClinicalStatus::Past => "Suspendido",
    },
    medication_state: |state| match state {
        MedicationState::Planned => "Previsto",
        MedicationState::Held => "En pausa",
        MedicationState::Cancelled => "Anulado",
        MedicationState::Completed => "Terminado",
    },
    started: |start| format!("desde {start}"),
    stopped: |stop| format!("hasta {stop}"),
    indication: |indication| format!("para {indication}"),
    follow_up_status: |status| match status {
        FollowUpStatus::Open => "pendiente",
        FollowUpStatus::Done => "hecho",
        FollowUpStatus::Overdue => "vencido",
    },
    value_as_read: |value, as_read| format!("{value} (leído como {as_read})"),
    section: |section| match section {
        StatementSection::Summary => "Resumen",
        StatementSection::Conflicts => "Conflictos",
        StatementSection::Problems => "Problemas",
        StatementSection::SignsSymptoms => "Signos y síntomas",
        StatementSection::Medications => "Medicación",
        StatementSection::Allergies => "Alergias e intolerancias",
        StatementSection::Vitals => "Constantes vitales",
        StatementSection::Labs => "Resultados de laboratorio",
        StatementSection::Procedures => "Procedimientos",
        StatementSection::Imaging => "Pruebas de imagen",
        StatementSection::SocialHistory => "Antecedentes sociales",
        StatementSection::Immunizations => "Vacunas",
        StatementSection::Directives => "Voluntades anticipadas",
        StatementSection::Timeline => "Cronología",
        StatementSection::FollowUps => "Seguimiento",
        StatementSection::Gaps => "Esperado y no encontrado",
    },
    observations: "También consta",
    observation: |kind| match kind {
        ObservationKind::CodeStatus => "Órdenes de reanimación",
        ObservationKind::GoalsOfCare => "Objetivos de la atención",
        ObservationKind::Surrogate => "Quién decide por el paciente",
        ObservationKind::SocialHistory => "Antecedentes sociales",
        ObservationKind::ExamFinding => "Exploración",
        ObservationKind::Device => "Dispositivos y vías",
        ObservationKind::BloodProduct => "Hemoderivados",
        ObservationKind::Vaccine => "Vacunas",
        ObservationKind::DischargeDiagnosis => "Diagnósticos al alta",
        ObservationKind::DischargeCondition => "Estado al alta",
    },
    kinds: StatementKinds {
        other_patient: "Otro paciente",
        summary: "Resumen",
        problem: "Problema",
        sign_or_symptom: "Signo o síntoma",
        medication: "Medicación",
        allergy: "Alergia",
        vital_sign: "Constante vital",
        lab: "Resultado de laboratorio",
        procedure: "Procedimiento",
        imaging: "Imagen",
        event: "Suceso",
        follow_up: "Seguimiento",
        conflict: "Conflicto",
        gap: "Esperado y no encontrado",
    },
    problem_groups: ProblemGroups {
        active: "Activos",
        past: "Resueltos o antiguos",
        possible: "Posibles",
        planned: "Previstos o condicionales",
        negated: "Negados",
        family: "Antecedentes familiares",
    },
    page: "pág. ",
    several_pages: "págs. ",
    lines_not_understood: |not_understood, lines| {
        format!("{not_understood} de {lines} líneas no se entendieron")
    },
    hardly_any_text: "apenas hay texto en una página que no está en blanco",
    exact_duplicate: |page, original| format!("{page} repite {original} y no se leyó otra vez."),
    near_duplicate: |page, original, percent| {
        format!("{page} parece otra copia de {original}; coincide el {percent} % de ambas.")
    },
    not_read: |reasons| {
        let what = |reason: &UnreadReason| match reason {
            UnreadReason::Handwriting => "escritura a mano",
            UnreadReason::DamagedImage => "una imagen dañada o demasiado grande",
        };
        format!("no se leyó: {}", reasons.iter().map(what).collect::<Vec<_>>().join(", "))
    },
    unreadable: |reason| {
        // A reason is kept in the words of the program that read the page.
        match reason.strip_prefix("the page is damaged: ") {
            Some(detail) => format!("la página está dañada ({detail})"),
            None => match reason {
                "the page could not be recognised" => "la página no se pudo reconocer".to_owned(),
                other => other.to_owned(),
            },
        }
    },
    source_pages: |number| pages(number as usize),
    licence: |licence| format!("Licencia {licence}"),
    draft: "Borrador, sin firmar",
    signed: |name, at, version| format!("Firmado por {name} el {at}, versión {version}"),
    digest: |digest| format!("SHA-256 de lo firmado: {digest}"),
};

fn long_date(date: Date) -> String {
    let month = match date.month() {
        Month::January => "enero",
        Month::February => "febrero",
        Month::March => "marzo",
        Month::April => "abril",
        Month::May => "mayo",
        Month::June => "junio",
        Month::July => "julio",
        Month::August => "agosto",
        Month::September => "septiembre",
        Month::October => "octubre",
        Month::November => "noviembre",
        Month::December => "diciembre",
    };
    format!("{} de {month} de {}", date.day(), date.year())
}

fn pages(number: usize) -> String {
    count(number, "página", "páginas")
}

fn statements(number: usize) -> String {
    count(number, "afirmación", "afirmaciones")
}

fn count(number: usize, singular: &str, plural: &str) -> String {
    format!("{number} {}", if number == 1 { singular } else { plural })
}
