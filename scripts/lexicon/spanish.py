"""Writes shared/analysis/terms/spanish.txt: Spanish names of terms, written for Maneiro. A line names the English term that
it belongs to (`kind||English name|Spanish names`), so that a record in both languages has one problem, not two.
"""
import pathlib
import re


TERMS = pathlib.Path(__file__).resolve().parent.parent.parent / "shared" / "analysis" / "terms"

# English: Spanish, separated by ";". Adjectives agree with what they follow.
PROBLEMS = """
hypertension: hipertensión; hipertensión arterial; hipertensión arterial esencial; hipertensión esencial; tensión arterial alta; presión arterial alta; presión alta
hyperlipidemia: hiperlipidemia; dislipidemia; dislipemia; colesterol alto; colesterol elevado
hypercholesterolemia: hipercolesterolemia
hypertriglyceridemia: hipertrigliceridemia
type 2 diabetes mellitus: diabetes mellitus tipo 2; diabetes tipo 2; diabetes mellitus tipo II; diabetes tipo II; diabetes no insulinodependiente
type 1 diabetes mellitus: diabetes mellitus tipo 1; diabetes tipo 1; diabetes mellitus tipo I; diabetes juvenil; diabetes insulinodependiente
diabetes mellitus: diabetes sacarina; azúcar en la sangre
gestational diabetes: diabetes gestacional
prediabetes: prediabetes; intolerancia a la glucosa; glucemia basal alterada
diabetic neuropathy: neuropatía diabética; polineuropatía diabética
diabetic retinopathy: retinopatía diabética
diabetic nephropathy: nefropatía diabética; enfermedad renal diabética
diabetic foot ulcer: pie diabético; úlcera de pie diabético
diabetic ketoacidosis: cetoacidosis diabética
peripheral neuropathy: neuropatía periférica; polineuropatía
obesity: obesidad; obesidad mórbida
overweight: sobrepeso
coronary artery disease: enfermedad coronaria; cardiopatía isquémica; enfermedad de las arterias coronarias; enfermedad arterial coronaria
myocardial infarction: infarto de miocardio; infarto agudo de miocardio; infarto agudo al miocardio; ataque al corazón; síndrome coronario agudo
angina: angina de pecho; angina inestable; angina estable
heart failure: insuficiencia cardíaca; insuficiencia cardíaca congestiva; fallo cardíaco; insuficiencia cardíaca descompensada; insuficiencia cardíaca con fracción de eyección reducida; insuficiencia cardíaca con fracción de eyección conservada
cardiomyopathy: cardiomiopatía; miocardiopatía; miocardiopatía dilatada; miocardiopatía hipertrófica
atrial fibrillation: fibrilación auricular; fibrilación auricular paroxística; fibrilación auricular permanente; fibrilación auricular persistente
atrial flutter: aleteo auricular; flúter auricular; flutter auricular
supraventricular tachycardia: taquicardia supraventricular; taquicardia paroxística supraventricular
ventricular tachycardia: taquicardia ventricular
ventricular fibrillation: fibrilación ventricular
atrioventricular block: bloqueo auriculoventricular; bloqueo AV
left bundle branch block: bloqueo de rama izquierda
right bundle branch block: bloqueo de rama derecha
aortic stenosis: estenosis aórtica; estenosis valvular aórtica
aortic regurgitation: insuficiencia aórtica; regurgitación aórtica
mitral regurgitation: insuficiencia mitral; regurgitación mitral
mitral stenosis: estenosis mitral
mitral valve prolapse: prolapso de la válvula mitral; prolapso mitral
tricuspid regurgitation: insuficiencia tricuspídea; regurgitación tricuspídea
pericarditis: pericarditis; pericarditis aguda
myocarditis: miocarditis
endocarditis: endocarditis; endocarditis infecciosa
pericardial effusion: derrame pericárdico
cardiac tamponade: taponamiento cardíaco
cardiac arrest: paro cardíaco; parada cardíaca; parada cardiorrespiratoria; paro cardiorrespiratorio
cardiogenic shock: choque cardiogénico; shock cardiogénico
septic shock: choque séptico; shock séptico
hypovolemic shock: choque hipovolémico; shock hipovolémico
peripheral arterial disease: enfermedad arterial periférica; arteriopatía periférica; enfermedad vascular periférica
deep vein thrombosis: trombosis venosa profunda; trombosis de las venas profundas
pulmonary embolism: embolia pulmonar; tromboembolismo pulmonar; tromboembolia pulmonar
pulmonary hypertension: hipertensión pulmonar; hipertensión arterial pulmonar
varicose veins: várices; varices; venas varicosas
chronic venous insufficiency: insuficiencia venosa crónica; insuficiencia venosa
thrombophlebitis: tromboflebitis; flebitis
aortic aneurysm: aneurisma de aorta; aneurisma aórtico; aneurisma de aorta abdominal; aneurisma aórtico abdominal
aortic dissection: disección aórtica; disección de aorta
carotid stenosis: estenosis carotídea; estenosis de la arteria carótida
rheumatic fever: fiebre reumática
congenital heart disease: cardiopatía congénita
atrial septal defect: comunicación interauricular
ventricular septal defect: comunicación interventricular
patent foramen ovale: foramen oval permeable
stroke: accidente cerebrovascular; ictus; derrame cerebral; infarto cerebral; evento vascular cerebral; accidente cerebrovascular isquémico; enfermedad cerebrovascular
transient ischemic attack: accidente isquémico transitorio; ataque isquémico transitorio
intracerebral hemorrhage: hemorragia intracerebral; hemorragia cerebral; hemorragia intraparenquimatosa
subarachnoid hemorrhage: hemorragia subaracnoidea
subdural hematoma: hematoma subdural
epidural hematoma: hematoma epidural
cerebral aneurysm: aneurisma cerebral
epilepsy: epilepsia; crisis epilépticas
seizure: crisis convulsiva; convulsión; convulsiones; crisis comicial; crisis tonicoclónica
status epilepticus: estado epiléptico; status epiléptico; estatus epiléptico
migraine: migraña; migrañas; jaqueca; migraña con aura
tension headache: cefalea tensional; cefalea de tensión
cluster headache: cefalea en racimos
trigeminal neuralgia: neuralgia del trigémino
Bell's palsy: parálisis de Bell; parálisis facial; parálisis facial periférica
Parkinson's disease: enfermedad de Parkinson; mal de Parkinson; parkinsonismo
Alzheimer's disease: enfermedad de Alzheimer; alzhéimer
dementia: demencia; demencia vascular; demencia senil
mild cognitive impairment: deterioro cognitivo leve; deterioro cognitivo
multiple sclerosis: esclerosis múltiple
amyotrophic lateral sclerosis: esclerosis lateral amiotrófica
myasthenia gravis: miastenia gravis; miastenia grave
Guillain-Barre syndrome: síndrome de Guillain-Barré
Huntington's disease: enfermedad de Huntington; corea de Huntington
essential tremor: temblor esencial
restless legs syndrome: síndrome de piernas inquietas
hydrocephalus: hidrocefalia
meningitis: meningitis; meningitis bacteriana; meningitis viral
encephalitis: encefalitis
encephalopathy: encefalopatía; encefalopatía hepática; encefalopatía metabólica
cerebral palsy: parálisis cerebral; parálisis cerebral infantil
hemiplegia: hemiplejía
paraplegia: paraplejía
quadriplegia: tetraplejía; cuadriplejía
hemiparesis: hemiparesia
concussion: conmoción cerebral; contusión cerebral
traumatic brain injury: traumatismo craneoencefálico; traumatismo encefalocraneano
spinal cord injury: lesión medular; lesión de la médula espinal
carpal tunnel syndrome: síndrome del túnel carpiano; túnel carpiano
sciatica: ciática; lumbociática; lumbociatalgia
spinal stenosis: estenosis espinal; estenosis del canal lumbar; estenosis de canal
herniated disc: hernia de disco; hernia discal; hernia discal lumbar; hernia del disco
radiculopathy: radiculopatía; radiculopatía lumbar; radiculopatía cervical
asthma: asma; asma bronquial; crisis asmática; crisis de asma
chronic obstructive pulmonary disease: enfermedad pulmonar obstructiva crónica; EPOC; bronquitis crónica; EPOC reagudizado
emphysema: enfisema; enfisema pulmonar
bronchiectasis: bronquiectasias; bronquiectasia
pneumonia: neumonía; neumonía adquirida en la comunidad; neumonía bacteriana; neumonía por aspiración; bronconeumonía; neumonía viral; pulmonía
aspiration pneumonia: neumonía aspirativa; broncoaspiración
acute bronchitis: bronquitis aguda; bronquitis
bronchiolitis: bronquiolitis
influenza: gripe; influenza; gripa
COVID-19: infección por SARS-CoV-2; covid; coronavirus
upper respiratory infection: infección respiratoria alta; infección de vías respiratorias altas; resfriado común; catarro; resfriado
tuberculosis: tuberculosis; tuberculosis pulmonar
pulmonary fibrosis: fibrosis pulmonar; fibrosis pulmonar idiopática
interstitial lung disease: enfermedad pulmonar intersticial; neumopatía intersticial
sarcoidosis: sarcoidosis
pleural effusion: derrame pleural
pneumothorax: neumotórax
hemothorax: hemotórax
empyema: empiema
atelectasis: atelectasia; atelectasias
pulmonary edema: edema pulmonar; edema agudo de pulmón
acute respiratory distress syndrome: síndrome de dificultad respiratoria aguda; síndrome de distrés respiratorio agudo
respiratory failure: insuficiencia respiratoria; insuficiencia respiratoria aguda; fallo respiratorio; insuficiencia respiratoria crónica
sleep apnea: apnea del sueño; apnea obstructiva del sueño; síndrome de apnea obstructiva del sueño
cystic fibrosis: fibrosis quística
pulmonary nodule: nódulo pulmonar; nódulos pulmonares
gastroesophageal reflux disease: enfermedad por reflujo gastroesofágico; reflujo gastroesofágico; reflujo ácido; ERGE
gastritis: gastritis; gastritis crónica; gastritis aguda
peptic ulcer disease: úlcera péptica; enfermedad ulcerosa péptica
gastric ulcer: úlcera gástrica
duodenal ulcer: úlcera duodenal
hiatal hernia: hernia de hiato; hernia hiatal
Barrett's esophagus: esófago de Barrett
esophagitis: esofagitis
esophageal varices: várices esofágicas; varices esofágicas
achalasia: acalasia
gastroparesis: gastroparesia
gastroenteritis: gastroenteritis; gastroenteritis aguda
gastrointestinal bleeding: hemorragia digestiva; hemorragia digestiva alta; hemorragia digestiva baja; sangrado digestivo; sangrado gastrointestinal
celiac disease: enfermedad celíaca; celiaquía
Crohn's disease: enfermedad de Crohn
ulcerative colitis: colitis ulcerosa; colitis ulcerativa
inflammatory bowel disease: enfermedad inflamatoria intestinal
irritable bowel syndrome: síndrome de intestino irritable; colon irritable
diverticulosis: diverticulosis; enfermedad diverticular
diverticulitis: diverticulitis; diverticulitis aguda
appendicitis: apendicitis; apendicitis aguda
peritonitis: peritonitis
bowel obstruction: obstrucción intestinal; oclusión intestinal; íleo; suboclusión intestinal
intestinal perforation: perforación intestinal
colon polyp: pólipo de colon; pólipos de colon; pólipos colónicos; pólipo colónico
hemorrhoids: hemorroides; almorranas
anal fissure: fisura anal
anal fistula: fístula anal
rectal prolapse: prolapso rectal
inguinal hernia: hernia inguinal
umbilical hernia: hernia umbilical
incisional hernia: hernia incisional; eventración
lactose intolerance: intolerancia a la lactosa
hepatitis: hepatitis; hepatitis alcohólica; hepatitis autoinmune
hepatitis A: hepatitis A
hepatitis B: hepatitis B
hepatitis C: hepatitis C
cirrhosis: cirrosis; cirrosis hepática; cirrosis alcohólica
fatty liver: hígado graso; esteatosis hepática; enfermedad del hígado graso; hígado graso no alcohólico; esteatohepatitis
liver failure: insuficiencia hepática; fallo hepático; insuficiencia hepática aguda
portal hypertension: hipertensión portal
ascites: ascitis
gallstones: cálculos biliares; colelitiasis; litiasis biliar; piedras en la vesícula; cálculos en la vesícula
cholecystitis: colecistitis; colecistitis aguda
cholangitis: colangitis
choledocholithiasis: coledocolitiasis
pancreatitis: pancreatitis; pancreatitis aguda; pancreatitis crónica
chronic kidney disease: enfermedad renal crónica; insuficiencia renal crónica; nefropatía crónica
acute kidney injury: insuficiencia renal aguda; lesión renal aguda; daño renal agudo; fallo renal agudo; fracaso renal agudo
end-stage renal disease: enfermedad renal terminal; insuficiencia renal terminal
kidney stone: cálculo renal; cálculos renales; litiasis renal; nefrolitiasis; piedras en el riñón; urolitiasis; litiasis urinaria
renal colic: cólico renal; cólico nefrítico
hydronephrosis: hidronefrosis
nephrotic syndrome: síndrome nefrótico
glomerulonephritis: glomerulonefritis
polycystic kidney disease: enfermedad renal poliquística; poliquistosis renal; riñón poliquístico
pyelonephritis: pielonefritis; pielonefritis aguda
urinary tract infection: infección urinaria; infección de vías urinarias; infección del tracto urinario; infección de orina; IVU
cystitis: cistitis
benign prostatic hyperplasia: hiperplasia prostática benigna; hipertrofia prostática; hiperplasia benigna de próstata; hipertrofia benigna de próstata; próstata agrandada
prostatitis: prostatitis
erectile dysfunction: disfunción eréctil; impotencia
urethritis: uretritis
orchitis: orquitis
epididymitis: epididimitis
hydrocele: hidrocele
varicocele: varicocele
testicular torsion: torsión testicular
overactive bladder: vejiga hiperactiva
hypothyroidism: hipotiroidismo; hipotiroidismo subclínico
hyperthyroidism: hipertiroidismo; tirotoxicosis
Graves' disease: enfermedad de Graves; enfermedad de Graves-Basedow
Hashimoto's thyroiditis: tiroiditis de Hashimoto; tiroiditis
goiter: bocio; bocio multinodular
thyroid nodule: nódulo tiroideo; nódulos tiroideos
hyperparathyroidism: hiperparatiroidismo
hypoparathyroidism: hipoparatiroidismo
Cushing's syndrome: síndrome de Cushing; enfermedad de Cushing
Addison's disease: enfermedad de Addison; insuficiencia suprarrenal
pheochromocytoma: feocromocitoma
acromegaly: acromegalia
hypogonadism: hipogonadismo
polycystic ovary syndrome: síndrome de ovario poliquístico; ovario poliquístico; ovarios poliquísticos
metabolic syndrome: síndrome metabólico
gout: gota; artritis gotosa
hyperuricemia: hiperuricemia
vitamin D deficiency: deficiencia de vitamina D; déficit de vitamina D; hipovitaminosis D
vitamin B12 deficiency: deficiencia de vitamina B12; déficit de vitamina B12
malnutrition: desnutrición; malnutrición
dehydration: deshidratación
hyponatremia: hiponatremia
hypernatremia: hipernatremia
hypokalemia: hipopotasemia; hipokalemia; hipocalemia
hyperkalemia: hiperpotasemia; hiperkalemia; hipercalemia
hypocalcemia: hipocalcemia
hypercalcemia: hipercalcemia
hypomagnesemia: hipomagnesemia
hypoglycemia: hipoglucemia; hipoglicemia
hyperglycemia: hiperglucemia; hiperglicemia
metabolic acidosis: acidosis metabólica; acidosis láctica
metabolic alkalosis: alcalosis metabólica
anemia: anemia; anemia crónica; anemia normocítica
iron deficiency anemia: anemia ferropénica; anemia por deficiencia de hierro; ferropenia; deficiencia de hierro
pernicious anemia: anemia perniciosa
hemolytic anemia: anemia hemolítica
aplastic anemia: anemia aplásica
sickle cell disease: anemia falciforme; drepanocitosis; enfermedad de células falciformes
thalassemia: talasemia
hemophilia: hemofilia
thrombocytopenia: trombocitopenia; plaquetopenia; plaquetas bajas
leukopenia: leucopenia
neutropenia: neutropenia; neutropenia febril
leukocytosis: leucocitosis
pancytopenia: pancitopenia
polycythemia: policitemia; policitemia vera
coagulopathy: coagulopatía; trastorno de la coagulación
leukemia: leucemia; leucemia linfocítica crónica; leucemia mieloide aguda; leucemia linfoblástica aguda; leucemia mieloide crónica
lymphoma: linfoma; linfoma no Hodgkin; linfoma de Hodgkin
multiple myeloma: mieloma múltiple
melanoma: melanoma
basal cell carcinoma: carcinoma basocelular
squamous cell carcinoma: carcinoma epidermoide; carcinoma de células escamosas
metastasis: metástasis; metástasis óseas; metástasis hepáticas; metástasis pulmonares; metástasis cerebrales; enfermedad metastásica
sepsis: sepsis; septicemia; sepsis grave; urosepsis
bacteremia: bacteriemia
HIV infection: infección por VIH; VIH
AIDS: síndrome de inmunodeficiencia adquirida
syphilis: sífilis
gonorrhea: gonorrea; blenorragia
chlamydia: clamidia; infección por clamidia
genital herpes: herpes genital
herpes zoster: herpes zóster; culebrilla
herpes simplex: herpes simple; herpes labial
chickenpox: varicela
measles: sarampión
rubella: rubéola
mumps: paperas; parotiditis
pertussis: tos ferina; tosferina
malaria: malaria; paludismo
dengue: dengue; fiebre del dengue
Zika virus disease: zika; infección por virus del Zika
chikungunya: chikunguña
Chagas disease: enfermedad de Chagas; mal de Chagas
leishmaniasis: leishmaniasis
toxoplasmosis: toxoplasmosis
leptospirosis: leptospirosis
typhoid fever: fiebre tifoidea
cholera: cólera
amebiasis: amebiasis
giardiasis: giardiasis
candidiasis: candidiasis; candidiasis oral; candidiasis vaginal; candidosis
mononucleosis: mononucleosis; mononucleosis infecciosa
cellulitis: celulitis
osteomyelitis: osteomielitis
abscess: absceso; absceso cutáneo
pharyngitis: faringitis; faringoamigdalitis; faringitis estreptocócica
tonsillitis: amigdalitis; amigdalitis aguda; anginas
sinusitis: sinusitis; sinusitis aguda; sinusitis crónica
otitis media: otitis media; otitis media aguda
otitis externa: otitis externa
laryngitis: laringitis
allergic rhinitis: rinitis alérgica; rinitis; fiebre del heno
conjunctivitis: conjuntivitis; conjuntivitis alérgica
blepharitis: blefaritis
uveitis: uveítis
keratitis: queratitis
glaucoma: glaucoma
cataract: catarata; cataratas
macular degeneration: degeneración macular
retinal detachment: desprendimiento de retina
myopia: miopía
astigmatism: astigmatismo
presbyopia: presbicia
strabismus: estrabismo
dry eye: ojo seco
blindness: ceguera
hearing loss: hipoacusia; pérdida de audición; sordera; pérdida auditiva
tinnitus: acúfenos; tinnitus; zumbido de oídos
vertigo: vértigo; vértigo posicional paroxístico benigno
Meniere's disease: enfermedad de Ménière
osteoarthritis: artrosis; osteoartritis; osteoartrosis; gonartrosis; coxartrosis; artrosis de rodilla; artrosis de cadera
rheumatoid arthritis: artritis reumatoide
psoriatic arthritis: artritis psoriásica
septic arthritis: artritis séptica
arthritis: artritis
ankylosing spondylitis: espondilitis anquilosante
lupus: lupus; lupus eritematoso sistémico
Sjogren's syndrome: síndrome de Sjögren
scleroderma: esclerodermia; esclerosis sistémica
vasculitis: vasculitis
fibromyalgia: fibromialgia
polymyalgia rheumatica: polimialgia reumática
osteoporosis: osteoporosis
osteopenia: osteopenia
scoliosis: escoliosis
kyphosis: cifosis
spondylosis: espondilosis; espondiloartrosis
spondylolisthesis: espondilolistesis
tendinitis: tendinitis; tendinopatía
bursitis: bursitis
epicondylitis: epicondilitis; codo de tenista
plantar fasciitis: fascitis plantar
rotator cuff tear: desgarro del manguito rotador; lesión del manguito rotador; ruptura del manguito rotador
meniscal tear: desgarro de menisco; rotura de menisco; lesión meniscal
anterior cruciate ligament tear: rotura del ligamento cruzado anterior; lesión del ligamento cruzado anterior
adhesive capsulitis: capsulitis adhesiva; hombro congelado
bunion: juanete; hallux valgus
fracture: fractura; fracturas
dislocation: luxación; dislocación
sprain: esguince; esguinces; torcedura
muscle strain: desgarro muscular; distensión muscular
contusion: contusión; contusiones
laceration: laceración; herida cortante
burn: quemadura; quemaduras; quemadura de segundo grado; quemadura de tercer grado
rhabdomyolysis: rabdomiólisis
compartment syndrome: síndrome compartimental
psoriasis: psoriasis
eczema: eccema; eczema
atopic dermatitis: dermatitis atópica
contact dermatitis: dermatitis de contacto
seborrheic dermatitis: dermatitis seborreica
dermatitis: dermatitis
urticaria: urticaria; ronchas
acne: acné
rosacea: rosácea
vitiligo: vitíligo
alopecia: alopecia; caída del cabello
impetigo: impétigo
scabies: sarna; escabiosis
tinea pedis: pie de atleta; tiña del pie
onychomycosis: onicomicosis
wart: verruga; verrugas
pressure ulcer: úlcera por presión; escara; úlcera de decúbito; escaras
skin ulcer: úlcera cutánea; úlcera venosa
angioedema: angioedema
anaphylaxis: anafilaxia; choque anafiláctico; reacción anafiláctica
depression: depresión; trastorno depresivo; depresión mayor; trastorno depresivo mayor; síndrome depresivo
anxiety: ansiedad; trastorno de ansiedad; ansiedad generalizada; trastorno de ansiedad generalizada
panic disorder: trastorno de pánico; crisis de pánico; ataques de pánico; crisis de angustia
bipolar disorder: trastorno bipolar
schizophrenia: esquizofrenia
psychosis: psicosis
post-traumatic stress disorder: trastorno de estrés postraumático
obsessive-compulsive disorder: trastorno obsesivo-compulsivo
attention deficit hyperactivity disorder: trastorno por déficit de atención; TDAH; trastorno por déficit de atención e hiperactividad
autism: autismo; trastorno del espectro autista
anorexia nervosa: anorexia nerviosa
bulimia nervosa: bulimia
insomnia: insomnio
alcohol use disorder: alcoholismo; abuso de alcohol; dependencia del alcohol; trastorno por consumo de alcohol
tobacco use: tabaquismo; hábito tabáquico; fumador; fumadora; exfumador; exfumadora
substance use disorder: drogadicción; abuso de sustancias; consumo de drogas
alcohol withdrawal: síndrome de abstinencia alcohólica; abstinencia alcohólica
delirium: delirio; delirium; síndrome confusional agudo
preeclampsia: preeclampsia
eclampsia: eclampsia
ectopic pregnancy: embarazo ectópico
miscarriage: aborto espontáneo; aborto
placenta previa: placenta previa
hyperemesis gravidarum: hiperemesis gravídica
endometriosis: endometriosis
uterine fibroids: miomas uterinos; mioma uterino; fibromas uterinos; leiomioma uterino
ovarian cyst: quiste ovárico; quiste de ovario
pelvic inflammatory disease: enfermedad inflamatoria pélvica
vaginitis: vaginitis; vaginosis bacteriana
mastitis: mastitis
infertility: infertilidad; esterilidad
menopause: menopausia
uterine prolapse: prolapso uterino
cystocele: cistocele
prematurity: prematuridad; parto prematuro
neonatal jaundice: ictericia neonatal
Down syndrome: síndrome de Down; trisomía 21
cleft palate: paladar hendido
intellectual disability: discapacidad intelectual
"""

SIGNS = """
pain: dolor; dolores; dolor agudo; dolor crónico; molestia
tenderness: dolor a la palpación; hipersensibilidad a la palpación; sensibilidad a la palpación
fever: fiebre; febrícula; calentura; hipertermia; síndrome febril
chills: escalofríos; escalofrío
sweating: sudoración; diaforesis; sudores; sudoración nocturna; sudores nocturnos
fatigue: fatiga; cansancio; astenia; agotamiento
malaise: malestar general; malestar; decaimiento
weakness: debilidad; debilidad muscular; debilidad generalizada; pérdida de fuerza
weight loss: pérdida de peso; adelgazamiento; baja de peso
weight gain: aumento de peso; ganancia de peso
loss of appetite: pérdida de apetito; inapetencia; hiporexia; anorexia; falta de apetito
headache: dolor de cabeza; cefalea; cefaleas; cefalalgia
dizziness: mareo; mareos; inestabilidad
lightheadedness: aturdimiento; vahído
syncope: síncope; desmayo; desmayos; desvanecimiento; lipotimia; pérdida del conocimiento; pérdida de conciencia; pérdida de consciencia
confusion: confusión; desorientación; estado confusional
somnolence: somnolencia
memory loss: pérdida de memoria; olvidos; amnesia
tremor: temblor; temblores
numbness: entumecimiento; adormecimiento; parestesias; parestesia; hipoestesia
tingling: hormigueo; hormigueos; cosquilleo
paralysis: parálisis; paresia
ataxia: ataxia; marcha inestable
dysarthria: disartria; dificultad para hablar
aphasia: afasia
blurred vision: visión borrosa; vista borrosa
double vision: visión doble; diplopía
photophobia: fotofobia
vision loss: pérdida de visión; pérdida de la visión; disminución de la agudeza visual
eye pain: dolor ocular; dolor de ojo; dolor en el ojo
ear pain: dolor de oído; otalgia; dolor de oídos
sore throat: dolor de garganta; odinofagia; garganta irritada
hoarseness: ronquera; disfonía; afonía
nasal congestion: congestión nasal; nariz tapada; obstrucción nasal
rhinorrhea: rinorrea; secreción nasal; moqueo
epistaxis: epistaxis; sangrado nasal; sangrado de la nariz; hemorragia nasal
sneezing: estornudos
cough: tos; tos seca; tos productiva; tos crónica; tos con flema
sputum: expectoración; flema; flemas; esputo
hemoptysis: hemoptisis; esputo con sangre; tos con sangre
shortness of breath: falta de aire; dificultad para respirar; disnea; disnea de esfuerzo; disnea de reposo; ahogo; dificultad respiratoria; falta de aliento
orthopnea: ortopnea
paroxysmal nocturnal dyspnea: disnea paroxística nocturna
wheezing: sibilancias; silbidos; pitidos en el pecho
crackles: crepitantes; estertores; crépitos
rhonchi: roncus; roncos
stridor: estridor
cyanosis: cianosis
tachypnea: taquipnea; polipnea
hypoxia: hipoxia; hipoxemia; desaturación
chest pain: dolor torácico; dolor de pecho; dolor en el pecho; dolor precordial; opresión torácica; dolor retroesternal
palpitations: palpitaciones
tachycardia: taquicardia; taquicardia sinusal
bradycardia: bradicardia
hypotension: hipotensión; hipotensión ortostática; presión baja; tensión baja
edema: edema; edemas; hinchazón de piernas; edema de miembros inferiores; edema periférico; edema con fóvea
heart murmur: soplo; soplo cardíaco; soplo sistólico; soplo diastólico
jugular venous distention: ingurgitación yugular; distensión yugular; distensión venosa yugular
claudication: claudicación; claudicación intermitente
nausea: náusea; náuseas; ganas de vomitar
vomiting: vómito; vómitos; emesis
hematemesis: hematemesis; vómito con sangre; vómitos con sangre
abdominal pain: dolor abdominal; dolor de estómago; dolor de barriga; dolor en el abdomen; epigastralgia; dolor de vientre; dolor abdominal difuso
heartburn: acidez; pirosis; agruras; ardor de estómago
dyspepsia: dispepsia; indigestión
dysphagia: disfagia; dificultad para tragar
bloating: distensión abdominal; hinchazón abdominal; meteorismo; flatulencia
diarrhea: diarrea; diarreas; deposiciones líquidas; evacuaciones líquidas
constipation: estreñimiento; constipación
melena: melena; heces negras; deposiciones negras
hematochezia: hematoquecia; rectorragia; sangre en las heces; sangre en heces; sangrado rectal; rectorragias
jaundice: ictericia; piel amarilla
hepatomegaly: hepatomegalia
splenomegaly: esplenomegalia
hepatosplenomegaly: hepatoesplenomegalia
abdominal guarding: defensa abdominal; defensa muscular; signos peritoneales
rebound tenderness: rebote; signo de rebote; signo de Blumberg
fecal incontinence: incontinencia fecal
dysuria: disuria; ardor al orinar; dolor al orinar; escozor al orinar
hematuria: hematuria; sangre en la orina; hematuria macroscópica
urinary frequency: polaquiuria; frecuencia urinaria; aumento de la frecuencia urinaria
urinary urgency: urgencia urinaria; urgencia miccional
urinary incontinence: incontinencia urinaria; incontinencia; incontinencia de esfuerzo
urinary retention: retención urinaria; retención de orina
nocturia: nicturia; nocturia
polyuria: poliuria
oliguria: oliguria; disminución de la diuresis
anuria: anuria
polydipsia: polidipsia; sed excesiva
polyphagia: polifagia
proteinuria: proteinuria; microalbuminuria; albuminuria
flank pain: dolor en el flanco; dolor en flanco; dolor lumbar con irradiación inguinal
back pain: dolor de espalda; dolor lumbar; lumbalgia; dolor dorsal; dorsalgia; lumbago
neck pain: dolor de cuello; cervicalgia; dolor cervical
joint pain: dolor articular; artralgia; artralgias; dolores articulares; dolor en las articulaciones
muscle pain: dolor muscular; mialgia; mialgias; dolores musculares
muscle cramps: calambres; calambre; calambres musculares; espasmo muscular; contractura; contractura muscular
stiffness: rigidez; rigidez matutina; rigidez de nuca
swelling: hinchazón; tumefacción; inflamación
redness: enrojecimiento; eritema; rubor
warmth: calor local
bruising: moretón; moretones; equimosis; hematoma; hematomas; cardenal
bleeding: sangrado; hemorragia; sangrados; hemorragias
rash: erupción; erupción cutánea; exantema; sarpullido; salpullido
itching: picazón; prurito; comezón; picor
dry skin: piel seca; xerosis
pallor: palidez; palidez cutánea
petechiae: petequias
lymphadenopathy: linfadenopatía; adenopatías; ganglios inflamados; adenopatía; ganglios aumentados
mass: masa palpable; bulto; tumoración
clubbing: acropaquia; dedos en palillo de tambor
limited range of motion: limitación de la movilidad; limitación funcional; rango de movimiento limitado; limitación del movimiento
limping: cojera
gait disturbance: alteración de la marcha; dificultad para caminar; trastorno de la marcha
falls: caídas; caída
sleep disturbance: trastorno del sueño; alteración del sueño; dificultad para dormir
snoring: ronquidos; ronquido
irritability: irritabilidad
sadness: tristeza; llanto fácil
suicidal ideation: ideación suicida; ideas suicidas; pensamientos suicidas
hallucinations: alucinaciones; alucinaciones auditivas; alucinaciones visuales
agitation: agitación; agitación psicomotora
stress: estrés
vaginal bleeding: sangrado vaginal; hemorragia vaginal; metrorragia; sangrado uterino anormal
menorrhagia: menorragia; hipermenorrea
amenorrhea: amenorrea
dysmenorrhea: dismenorrea; cólicos menstruales
vaginal discharge: flujo vaginal; leucorrea; secreción vaginal
pelvic pain: dolor pélvico
breast pain: mastalgia; dolor de mama; dolor mamario
breast lump: bulto en la mama; nódulo mamario; bulto en el seno; masa mamaria
hot flashes: sofocos; bochornos
testicular pain: dolor testicular
dry mouth: boca seca; xerostomía; sequedad de boca
toothache: dolor de muelas; dolor dental; odontalgia
halitosis: halitosis; mal aliento
gum bleeding: sangrado de encías; gingivorragia
mouth ulcers: aftas; úlceras bucales; úlceras orales
night sweats: sudores nocturnos; sudoración nocturna
cold intolerance: intolerancia al frío
heat intolerance: intolerancia al calor
hair loss: pérdida de cabello
hypothermia: hipotermia
neck stiffness: rigidez nucal; rigidez de cuello
"""

# A part, with its article, the English noun and the English adjective.
PARTS = """
la mama|el seno;breast
el pulmón;lung
el colon;colon
el recto;rectum
la próstata;prostate
el páncreas;pancreas
el hígado;liver
el estómago;stomach
el esófago;esophagus
el riñón;kidney
la vejiga;bladder
el ovario;ovary
el útero|la matriz;uterus
el cuello uterino|el cérvix;cervix
el testículo;testis
la piel;skin
el cerebro;brain
la tiroides|el tiroides;thyroid
la laringe;larynx
la faringe;pharynx
la lengua;tongue
la boca;mouth
la vesícula biliar;gallbladder
el intestino delgado;small intestine
el duodeno;duodenum
el hueso;bone
el bazo;spleen
la vulva;vulva
la vagina;vagina
el pene;penis
el ano;anus
la uretra;urethra
la tráquea;trachea
el corazón;heart
la médula espinal;spinal cord
la glándula suprarrenal;adrenal gland
la hipófisis;pituitary gland
el ojo;eye
el oído;ear
la nariz;nose
la parótida;parotid gland
el endometrio;endometrium
"""
ORGAN_DISORDERS = {
    "{} cancer": ["cáncer de {}", "carcinoma de {}", "adenocarcinoma de {}", "neoplasia maligna de {}", "tumor maligno de {}"],
    "{} tumor": ["tumor de {}", "neoplasia de {}"],
    "{} cyst": ["quiste de {}"],
    "{} abscess": ["absceso de {}"],
    "{} polyp": ["pólipo de {}"],
    "{} metastasis": ["metástasis de {}", "metástasis en {}"],
    "{} infection": ["infección de {}"],
    "{} nodule": ["nódulo de {}", "nódulo en {}"],
    "{} mass": ["masa de {}", "masa en {}"],
    "{} lesion": ["lesión de {}", "lesión en {}"],
}
BONES = """
el fémur;femur
la tibia;tibia
el peroné;fibula
el húmero;humerus
el radio|el radio distal;radius
el cúbito;ulna
la clavícula;clavicle
la cadera;hip
la muñeca;wrist
el tobillo;ankle
el codo;elbow
la rodilla;knee
el hombro;shoulder
la mano;hand
el pie;foot
el dedo;finger
la costilla|costillas|las costillas;rib
la columna;spine
la vértebra|vértebras;vertebra
el cráneo;skull
la pelvis;pelvis
la mandíbula;mandible
la nariz;nose
la rótula;patella
el escafoides;scaphoid
el calcáneo;calcaneus
el metatarsiano;metatarsal
el metacarpiano;metacarpal
la falange;phalanx
el sacro;sacrum
el esternón;sternum
la escápula|el omóplato;scapula
el cuello del fémur|la cadera derecha|la cadera izquierda;femoral neck
"""
BONE_DISORDERS = {
    "{} fracture": ["fractura de {}", "fractura en {}"],
    "{} dislocation": ["luxación de {}"],
    "{} sprain": ["esguince de {}"],
    "{} contusion": ["contusión de {}", "contusión en {}"],
    "{} osteoarthritis": ["artrosis de {}"],
    "{} arthritis": ["artritis de {}"],
    "{} injury": ["lesión de {}", "traumatismo de {}"],
    "{} bursitis": ["bursitis de {}"],
}
PLACES = """
la rodilla;knee
la cadera;hip
el hombro;shoulder
el codo;elbow
la muñeca;wrist
la mano;hand
el tobillo;ankle
el pie;foot
la pierna;leg
el brazo;arm
la espalda;back
el cuello;neck
la mandíbula;jaw
la cara;face
el pecho;chest
el costado;side
la ingle;groin
el talón;heel
el dedo;finger
el muslo;thigh
la pantorrilla;calf
el antebrazo;forearm
el glúteo;buttock
la cintura;waist
la nuca;nape
las piernas;legs
los brazos;arms
las manos;hands
los pies;feet
las rodillas;knees
los tobillos;ankles
el hipocondrio derecho;right upper quadrant
la fosa ilíaca derecha;right lower quadrant
la fosa ilíaca izquierda;left lower quadrant
el epigastrio;epigastrium
"""
PLACE_SIGNS = {
    "{} pain": ["dolor de {}", "dolor en {}", "dolores en {}"],
    "{} swelling": ["hinchazón de {}", "hinchazón en {}", "inflamación de {}", "inflamación en {}"],
    "{} edema": ["edema de {}", "edema en {}"],
    "{} numbness": ["entumecimiento de {}", "adormecimiento de {}", "entumecimiento en {}"],
    "{} weakness": ["debilidad de {}", "debilidad en {}"],
    "{} stiffness": ["rigidez de {}"],
    "{} tingling": ["hormigueo en {}"],
    "{} cramps": ["calambres en {}"],
}


def rows_of(kind, table):
    for line in table.strip().splitlines():
        english, spanish = line.split(": ", 1)
        yield kind, english, [name.strip() for name in spanish.split(";")]


def with_article(preposition, part):
    """`de` and `el` contract to `del`; the name is also written without the article."""
    article, _, noun = part.partition(" ")
    if article not in ("el", "la", "los", "las"):
        return {part}
    return {noun, f"l {noun}" if preposition == "de" and article == "el" else part}


def composed(kind, parts, shapes):
    for line in parts.strip().splitlines():
        spanish, english = line.split(";")
        for shape, names in shapes.items():
            made = []
            for name in names:
                preposition = name.split()[-2] if name.endswith("{}") else ""
                for part in spanish.split("|"):
                    made += [name.format(form).replace("de l ", "del ") for form in sorted(with_article(preposition, part))]
            yield kind, shape.format(english), made


# Endings of international names of medicines, English to Spanish.
ENDINGS = [
    ("cillin", "cilina"), ("mycin", "micina"), ("micin", "micina"), ("cycline", "ciclina"), ("phylline", "filina"), ("statin", "statina"), ("parin", "parina"),
    ("floxacin", "floxacino"), ("oxacin", "oxacino"), ("formin", "formina"), ("caine", "caína"), ("azole", "azol"), ("idine", "idina"), ("amine", "amina"),
    ("azine", "azina"), ("apine", "apina"), ("epine", "epina"), ("ipine", "ipino"), ("etine", "etina"), ("oline", "olina"), ("ine", "ina"), ("in", "ina"),
    ("olone", "olona"), ("asone", "asona"), ("isone", "isona"), ("one", "ona"), ("ide", "ida"), ("ate", "ato"), ("ane", "ano"), ("ene", "eno"),
    ("ole", "ol"), ("ose", "osa"), ("ium", "io"), ("ase", "asa"), ("ile", "ilo"), ("ic acid", "ico"), ("triptan", "triptán"), ("sartan", "sartán"),
    ("pril", "pril"), ("olol", "olol"), ("pam", "pam"), ("lam", "lam"),
]
SOUNDS = [("ph", "f"), ("th", "t"), ("rrh", "rr"), ("chl", "cl"), ("chr", "cr"), ("y", "i"), ("mm", "m"), ("ss", "s"), ("ff", "f"), ("tt", "t"), ("ll", "l"), ("pp", "p"), ("nn", "n")]
# What the rules do not give, by what is said and written.
MEDICINES = """
acetaminophen: paracetamol; acetaminofén; acetaminofeno
aspirin: aspirina; ácido acetilsalicílico; AAS
ibuprofen: ibuprofeno
naproxen: naproxeno
ketoprofen: ketoprofeno
diclofenac: diclofenaco
ketorolac: ketorolaco
metamizole: metamizol; dipirona
penicillin: penicilina
amoxicillin-clavulanate: amoxicilina-clavulánico; amoxicilina con ácido clavulánico; amoxicilina/ácido clavulánico
levothyroxine: levotiroxina
albuterol: salbutamol
insulin: insulina
insulin glargine: insulina glargina
insulin lispro: insulina lispro
insulin aspart: insulina asparta; insulina aspart
NPH insulin: insulina NPH
heparin: heparina
enoxaparin: enoxaparina
warfarin: warfarina; acenocumarol
clopidogrel: clopidogrel
morphine: morfina
epinephrine: adrenalina; epinefrina
norepinephrine: noradrenalina; norepinefrina
folic acid: ácido fólico
valproate: ácido valproico; valproato
hydrochlorothiazide: hidroclorotiazida
ferrous sulfate: sulfato ferroso; hierro
vitamin D: vitamina D
vitamin B12: vitamina B12; cianocobalamina
calcium carbonate: carbonato de calcio
potassium chloride: cloruro de potasio
magnesium sulfate: sulfato de magnesio
sodium bicarbonate: bicarbonato de sodio
nitroglycerin: nitroglicerina
trimethoprim-sulfamethoxazole: trimetoprima-sulfametoxazol; trimetoprim con sulfametoxazol; cotrimoxazol
zoledronic acid: ácido zoledrónico
tranexamic acid: ácido tranexámico
ursodiol: ácido ursodesoxicólico
lithium: litio
digoxin: digoxina
oral contraceptive: anticonceptivos orales; anticonceptivo oral
"""


def spanish_medicine(english):
    word = english
    for ending, spanish in ENDINGS:
        if word.endswith(ending):
            word = word[: -len(ending)] + spanish
            break
    for sound, spanish in SOUNDS:
        word = word.replace(sound, spanish)
    word = re.sub(r"ch(?=[aeou])", "c", re.sub(r"qu(?=[ao])", "cu", word))
    if re.match(r"s[bcdfgklmnpqt]", word):
        word = "e" + word
    return word



def medicine_rows():
    yield from rows_of("m", MEDICINES)
    for line in (TERMS / "medicines.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        english = line.split("|")[2]
        if re.fullmatch(r"[a-z]{6,}", english) and not re.search(r"(?:mab|nib|ium|cept|gene|vir)$", english):
            spanish = spanish_medicine(english)
            if spanish != english:
                yield "m", english, [spanish]


rows = [
    *rows_of("p", PROBLEMS), *rows_of("s", SIGNS), *composed("p", PARTS, ORGAN_DISORDERS), *composed("p", BONES, BONE_DISORDERS),
    *composed("s", PLACES, PLACE_SIGNS), *medicine_rows(),
]
head = [
    "# Spanish names of terms, written for Maneiro: kind||the English term|Spanish names. By scripts/lexicon/spanish.py.",
    "# Licence: as Maneiro.",
]
count = sum(len(names) for _, _, names in rows)
(TERMS / "spanish.txt").write_text("\n".join(head + [f"{kind}||{english}|{';'.join(names)}" for kind, english, names in rows]) + "\n")
print(f"spanish.txt: {len(rows)} terms, {count} names; by kind:", {kind: sum(len(n) for k, _, n in rows if k == kind) for kind in "psm"})
