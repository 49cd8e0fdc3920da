"""Everything that is said to users, in their language: one catalogue for paper, alerts and pages.

Swedish first, English beside it. Each section belongs to one part of the product; keys begin with that part's name and
stand in alphabetical order. `{name}` in a text is filled in by `say`.
"""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from reservplan.domain.days import require_aware
from reservplan.domain.plan import Cell

LANGUAGES = ("sv", "en")

WEEKDAY_NAMES = {
    "sv": ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTH_NAMES = {
    "sv": ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober",
           "november", "december"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
}  # fmt: skip

WORDS: dict[str, dict[str, str]] = {
    # --- paper: lists and overviews ---
    "paper.activities": {"sv": "Insatser", "en": "Activities"},
    "paper.added": {"sv": "Tillkomna besök", "en": "Added visits"},
    "paper.added_by": {"sv": "Medarbetare", "en": "Employee"},
    "paper.address": {"sv": "Adress", "en": "Address"},
    "paper.after_midnight": {"sv": "efter midnatt, {day}", "en": "after midnight, {day}"},
    "paper.after_midnight_short": {"sv": "efter midnatt", "en": "after midnight"},
    "paper.band_afterwards": {
        "sv": "EFTERSKAPAD – hämtad efter att dagen var slut",
        "en": "CREATED AFTERWARDS – captured when the day was over",
    },
    "paper.band_drill": {"sv": "ÖVNING", "en": "DRILL"},
    "paper.band_incomplete": {
        "sv": "OFULLSTÄNDIG – besök kan saknas, se första sidan",
        "en": "INCOMPLETE – visits may be missing, see the first page",
    },
    "paper.band_incomplete_overview": {
        "sv": "OFULLSTÄNDIG – besök kan saknas, se Brukarschemats första sida",
        "en": "INCOMPLETE – visits may be missing, see the first page of the client schedule",
    },
    "paper.band_incomplete_sheet": {
        "sv": "OFULLSTÄNDIG – besök kan saknas, se bladet Information",
        "en": "INCOMPLETE – visits may be missing, see the sheet Information",
    },
    "paper.band_old": {
        "sv": "GAMMAL – hämtad ur en export som är för gammal, ring planeraren",
        "en": "OLD – captured from an export that is too old, call the planner",
    },
    "paper.calls_on_page": {"sv": "Vem ringer vi? Sida {page}", "en": "Whom do we call? Page {page}"},
    "paper.call": {"sv": "Vem ringer vi?", "en": "Whom do we call?"},
    "paper.call_it": {
        "sv": "Inga andra sidor på internet fungerar, eller telefonerna är döda:",
        "en": "No other page on the internet works, or the phones are dead:",
    },
    "paper.call_planner": {
        "sv": "Ett besök saknas, är fel eller saknar medarbetare:",
        "en": "A visit is missing, wrong or has no employee:",
    },
    "paper.call_team": {"sv": "Gruppens telefon:", "en": "The group's phone:"},
    "paper.call_vendor": {
        "sv": "Internet fungerar, men inte planeringssystemet:",
        "en": "The internet works, but the planning system does not:",
    },
    "paper.captured": {"sv": "Hämtat {moment}", "en": "Captured {moment}"},
    "paper.change_added": {"sv": "ny", "en": "new"},
    "paper.change_assigned": {"sv": "nu {now}, var ej tilldelad", "en": "now {now}, was unassigned"},
    "paper.change_cancelled": {"sv": "inställd", "en": "cancelled"},
    "paper.change_employee": {"sv": "nu {now}, var {was}", "en": "now {now}, was {was}"},
    "paper.change_employee_only": {"sv": "nu {now}", "en": "now {now}"},
    "paper.change_end": {"sv": "slutar {now}, inte {was}", "en": "ends {now}, not {was}"},
    "paper.change_moved": {"sv": "flyttad från {was} till {now}", "en": "moved from {was} to {now}"},
    "paper.change_removed": {"sv": "struken", "en": "removed"},
    "paper.change_unassigned": {"sv": "inte längre tilldelad, var {was}", "en": "no longer assigned, was {was}"},
    "paper.change_unnamed": {"sv": "namnet visas inte", "en": "the name is not shown"},
    "paper.changes": {
        "sv": "Ändringar sedan kopian hämtad {moment} ({count})",
        "en": "Changes since the copy captured {moment} ({count})",
    },
    "paper.changes_more": {"sv": "och {count} till", "en": "and {count} more"},
    "paper.changes_none": {"sv": "Inga ändringar.", "en": "No changes."},
    "paper.changes_since": {
        "sv": "Ändringar sedan kopian hämtad {moment}",
        "en": "Changes since the copy captured {moment}",
    },
    "paper.changes_unknown": {
        "sv": "Ändringarna kan inte visas: en av de två planerna finns inte kvar eller kunde inte läsas.",
        "en": "The changes cannot be shown: one of the two plans is no longer kept or could not be read.",
    },
    "paper.client": {"sv": "Brukare", "en": "Client"},
    "paper.client_phone": {"sv": "Brukare, telefon", "en": "Client, phone"},
    "paper.colleague_missing": {"sv": "kollega saknas i planen", "en": "no colleague in the plan"},
    "paper.colleague_unassigned": {"sv": "kollega som inte är tilldelad än", "en": "a colleague not yet assigned"},
    "paper.count_after_midnight": {"sv": "{count} efter midnatt", "en": "{count} after midnight"},
    "paper.counts": {
        "sv": "{visits} besök, {employees} medarbetare, {unassigned} ej tilldelade, {cancelled} inställda",
        "en": "{visits} visits, {employees} employees, {unassigned} unassigned, {cancelled} cancelled",
    },
    "paper.details": {"sv": "Nyckel, dubbelbemanning, notering", "en": "Key, double staffing, note"},
    "paper.deviation": {"sv": "Avvikelse", "en": "Deviation"},
    "paper.do": {"sv": "Gör så här", "en": "What to do"},
    "paper.do_1": {
        "sv": "Dela ut sidorna, en medarbetare i taget. Fördela de ej tilldelade besöken.",
        "en": "Hand out the pages, one employee at a time. Share out the unassigned visits.",
    },
    "paper.do_2": {
        "sv": "Gå igenom listan tillsammans: det som ändrats efter hämtningen står inte här.",
        "en": "Go through the list together: what changed after the capture is not here.",
    },
    "paper.do_3": {
        "sv": "Skriv utförd tid, avvikelse och signatur vid varje besök.",
        "en": "Write time done, deviation and signature at each visit.",
    },
    "paper.do_3_compact": {
        "sv": "Signera vid varje besök. Annan tid och avvikelser: skriv på sista sidan, Tillkomna besök.",
        "en": "Sign at each visit. Other times and deviations: write them on the last page, Added visits.",
    },
    "paper.do_afterwards": {
        "sv": "Dagen har varit. Använd listan för att registrera i efterhand, inte för att planera.",
        "en": "The day is over. Use the list to register afterwards, not to plan by.",
    },
    "paper.do_incomplete": {
        "sv": "Listan är OFULLSTÄNDIG: jämför med föregående dagars listor och ring planeraren innan ni delar ut den.",
        "en": "The list is INCOMPLETE: compare it with the lists of the days before and call the planner first.",
    },
    "paper.done_from": {"sv": "Utfört från", "en": "Done from"},
    "paper.done_to": {"sv": "Utfört till", "en": "Done to"},
    "paper.double": {"sv": "DUBBELBEMANNING med {colleagues}", "en": "DOUBLE STAFFING with {colleagues}"},
    "paper.double_alone": {
        "sv": "DUBBELBEMANNING – kollega saknas i planen, fråga planeraren",
        "en": "DOUBLE STAFFING – no colleague in the plan, ask the planner",
    },
    "paper.employee": {"sv": "Medarbetare", "en": "Employee"},
    "paper.end": {"sv": "Slut", "en": "End"},
    "paper.footer_return": {
        "sv": "SEKRETESS. Lämna tillbaka pappret – det strimlas efter registrering.",
        "en": "CONFIDENTIAL. Return this paper – it is shredded after registration.",
    },
    "paper.information": {"sv": "Information", "en": "Information"},
    "paper.legend_double": {
        "sv": "Tjock ram med bokstav: dubbelbemanning, samma bokstav är samma besök.",
        "en": "Heavy frame with a letter: double staffing, the same letter is the same visit.",
    },
    "paper.legend_number": {
        "sv": "Siffra i rutan: förklaras på samma rad.",
        "en": "A number in a box: explained in the same row.",
    },
    "paper.legend_other": {
        "sv": "Låg ruta: inget besök (rast, restid).",
        "en": "Low box: no visit (break, travel).",
    },
    "paper.legend_repeat": {
        "sv": "Streckad ram: efter midnatt, räknas nästa dag.",
        "en": "Dashed frame: after midnight, counted on the next day.",
    },
    "paper.list": {"sv": "Brukarschema", "en": "Client schedule"},
    "paper.mark_summer_time": {"sv": "sommartid", "en": "summer time"},
    "paper.mark_winter_time": {"sv": "vintertid", "en": "winter time"},
    "paper.night_from": {"sv": "nattpass från {day}", "en": "night shift from {day}"},
    "paper.night_to": {"sv": "nattpass till {day}", "en": "night shift to {day}"},
    "paper.no_visits": {"sv": "Inga besök i planen.", "en": "No visits in the plan."},
    "paper.no_visits_short": {"sv": "inga besök", "en": "no visits"},
    "paper.outside_shift": {"sv": "{day}, utanför passet", "en": "{day}, outside the shift"},
    "paper.overview": {"sv": "Översiktsschema", "en": "Overview"},
    "paper.page": {"sv": "Sida {page} av {pages}", "en": "Page {page} of {pages}"},
    "paper.phone": {"sv": "Telefon", "en": "Phone"},
    "paper.priority": {"sv": "Prio {priority}", "en": "Prio {priority}"},
    "paper.register": {"sv": "Registrera efteråt", "en": "Register afterwards"},
    "paper.register_1": {
        "sv": "När systemet fungerar: registrera varje besök, också tillkomna och inställda.",
        "en": "When the system works: register every visit, also added and cancelled ones.",
    },
    "paper.register_2": {
        "sv": "Efterregistrera all dokumentation: avvikelser, läkemedel, det som lämnades över.",
        "en": "Register all documentation: deviations, medicines, what was handed over.",
    },
    "paper.register_3": {
        "sv": "Bocka av, lämna tillbaka alla papper och räkna dem. De strimlas.",
        "en": "Tick off, hand all papers back and count them. They are shredded.",
    },
    "paper.row": {"sv": "rad {row}", "en": "row {row}"},
    "paper.row_time": {"sv": "rad {row}, tid ”{raw}”", "en": "row {row}, time “{raw}”"},
    "paper.rows_more": {"sv": "dessutom rad {rows}", "en": "also row {rows}"},
    "paper.sheet": {"sv": "blad {number} av {count}", "en": "sheet {number} of {count}"},
    "paper.shift": {"sv": "Pass", "en": "Shift"},
    "paper.shift_times": {"sv": "pass {times}", "en": "shift {times}"},
    "paper.signature": {"sv": "Signatur", "en": "Signature"},
    "paper.staff": {"sv": "Personal", "en": "Staff"},
    "paper.staff_without_visits": {"sv": "Pass utan besök:", "en": "Shifts without visits:"},
    "paper.staff_sum": {
        "sv": "{assigned} besök i tabellen + {unassigned} ej tilldelade = {visits} besök i dag",
        "en": "{assigned} visits in the table + {unassigned} unassigned = {visits} visits today",
    },
    "paper.start": {"sv": "Start", "en": "Start"},
    "paper.staff_more": {"sv": "Personal, fortsättning", "en": "Staff, continued"},
    "paper.taken_by": {"sv": "Tas av", "en": "Taken by"},
    "paper.time": {"sv": "Tid", "en": "Time"},
    "paper.try_first": {
        "sv": "Prova först en annan dator, och en annan sida på internet:",
        "en": "First try another computer, and another page on the internet:",
    },
    "paper.unassigned": {"sv": "Ej tilldelat", "en": "Unassigned"},
    "paper.unassigned_visits": {"sv": "Ej tilldelade besök ({count})", "en": "Unassigned visits ({count})"},
    "paper.unassigned_visits_and": {
        "sv": "Ej tilldelade besök ({count}, och {repeats} efter midnatt)",
        "en": "Unassigned visits ({count}, and {repeats} after midnight)",
    },
    "paper.unreadable": {"sv": "Kunde inte läsas ({count})", "en": "Could not be read ({count})"},
    "paper.unreadable_do": {
        "sv": "Dessa rader i exporten blev inga besök. Fråga planeraren vad de gäller.",
        "en": "These rows of the export became no visits. Ask the planner what they are.",
    },
    "paper.unreadable_short": {"sv": "Kunde inte läsas", "en": "Could not be read"},
    "paper.verdict_complete": {"sv": "KOMPLETT", "en": "COMPLETE"},
    "paper.verdict_incomplete": {"sv": "OFULLSTÄNDIG", "en": "INCOMPLETE"},
    "paper.verdict_remarks": {"sv": "ANMÄRKNING", "en": "REMARKS"},
    "paper.verdict_says_complete": {
        "sv": "Kontrollerna fann inget som saknas i planen.",
        "en": "The checks found nothing missing in the plan.",
    },
    "paper.verdict_says_incomplete": {
        "sv": "Besök kan saknas. Lita inte på listan utan att fråga planeraren.",
        "en": "Visits may be missing. Do not trust the list without asking the planner.",
    },
    "paper.verdict_says_remarks": {
        "sv": "Listan kan användas. Läs vad som avviker:",
        "en": "The list can be used. Read what deviates:",
    },
    "paper.visits": {"sv": "{count} besök", "en": "{count} visits"},
    "paper.visits_one": {"sv": "1 besök", "en": "1 visit"},
    "paper.week": {"sv": "vecka {week}", "en": "week {week}"},
    # --- mail: when a run in Airflow has failed ---
    "mail.call": {"sv": "Ring", "en": "Call"},
    "mail.days": {"sv": "Dagar", "en": "Days"},
    "mail.do": {"sv": "Gör så här", "en": "What to do"},
    "mail.do_again": {
        "sv": "När felet är avhjälpt: öppna körningen i Airflow och välj Clear på hela körningen. Det går alltid bra "
        "att köra igen; det som redan är klart lämnas orört. Behövs listorna nu: skriv ut dem som ligger på lagret.",
        "en": "When the fault is mended: open the run in Airflow and choose Clear for the whole run. Running again is "
        "always safe; what is done is left alone. If lists are needed now: print those on the store.",
    },
    "mail.effect": {"sv": "Vad det betyder", "en": "What it means"},
    "mail.effect_drill": {
        "sv": "Kopiorna är orörda. Ingen vet säkert att de går att öppna och skriva ut.",
        "en": "The copies are untouched. Nobody knows for certain that they can be opened and printed.",
    },
    "mail.effect_refresh": {
        "sv": "Kopiorna som finns ligger kvar orörda. Ändringar i planen under dagen har kanske inte kommit med.",
        "en": "The copies that exist are untouched. Changes of the plan during the day may not be in them.",
    },
    "mail.effect_retain": {
        "sv": "Kopiorna som behövs ligger kvar. Kopior som är för gamla kan ligga kvar för länge.",
        "en": "The copies that are needed are there. Copies that are too old may lie there too long.",
    },
    "mail.effect_snapshot": {
        "sv": "Kopiorna som finns ligger kvar orörda. Nya kopior för dagarna ovan kan saknas eller vara gamla.",
        "en": "The copies that exist are untouched. New copies for the days above may be missing or old.",
    },
    "mail.effect_verify": {
        "sv": "Kopiorna är orörda. Ingen vet säkert att alla är hela.",
        "en": "The copies are untouched. Nobody knows for certain that all of them are whole.",
    },
    "mail.effect_watch": {
        "sv": "Kopior kan saknas, eller så har ingen kunnat se efter om de finns.",
        "en": "Copies may be missing, or nobody could look whether they are there.",
    },
    "mail.fault_unknown": {
        "sv": "Felet ({kind}) saknar text som får skickas. Loggen för uppgiften i Airflow säger var det uppstod.",
        "en": "The fault ({kind}) has no text that may be sent. The task's log in Airflow says where it arose.",
    },
    "mail.happened": {"sv": "Vad har hänt", "en": "What happened"},
    "mail.late": {
        "sv": "Körningen hann inte klart i tid och stoppades.",
        "en": "The run did not finish in time and was stopped.",
    },
    "mail.run": {"sv": "Körning", "en": "Run"},
    "mail.runbook": {"sv": "Steg för steg", "en": "Step by step"},
    "mail.subject_fault": {"sv": "fel i steget {task}", "en": "fault in {task}"},
    "mail.subject_late": {"sv": "{dag} tog för lång tid", "en": "{dag} took too long"},
    "mail.subject_missing": {"sv": "kopior saknas", "en": "copies are missing"},
    "mail.subject_record": {"sv": "en förteckning är skadad", "en": "a record is damaged"},
    "mail.subject_refused": {"sv": "{dag} fick fel uppgifter", "en": "{dag} was asked wrongly"},
    "mail.subject_retention": {"sv": "gallringen vägrar", "en": "retention refuses"},
    "mail.subject_settings": {"sv": "inställningarna är fel", "en": "the settings are wrong"},
    "mail.subject_source": {"sv": "planen går inte att läsa", "en": "the plan cannot be read"},
    "mail.subject_source_late": {"sv": "ingen ny plan att hämta", "en": "no new plan to read"},
    "mail.subject_staging": {"sv": "mellanlagringen nås inte", "en": "staging is away"},
    "mail.subject_store": {"sv": "lagret nås inte", "en": "the store is away"},
    "mail.subject_store_full": {"sv": "lagret är fullt", "en": "the store is full"},
    "mail.subject_store_refused": {"sv": "lagret säger nej", "en": "the store refuses"},
    "mail.subject_unremoved": {"sv": "filer kunde inte tas bort", "en": "files could not be removed"},
    "mail.subject_unwritten": {"sv": "kopior kunde inte skrivas", "en": "copies could not be written"},
    "mail.task": {"sv": "uppgift {task}", "en": "task {task}"},
    # --- alert: the watch tells of an incident; subjects stay short, see watch/subjects.py ---
    "alert.a_run": {"sv": "En körning", "en": "A run"},
    "alert.and": {"sv": "och", "en": "and"},
    "alert.band_closed": {"sv": "LÖST", "en": "SOLVED"},
    "alert.band_critical": {"sv": "LARM", "en": "ALARM"},
    "alert.band_info": {"sv": "OBS", "en": "NOTE"},
    "alert.band_reminded": {"sv": "{band} – KVARSTÅR", "en": "{band} – STILL SO"},
    "alert.band_worse": {"sv": "{band} – VÄRRE ÄN FÖRUT", "en": "{band} – WORSE THAN BEFORE"},
    "alert.call": {"sv": "Ring", "en": "Call"},
    "alert.closed_airflow": {"sv": "Airflow fungerar igen", "en": "Airflow works again"},
    "alert.closed_clock": {"sv": "Klockan på {store} går rätt igen", "en": "The clock of {store} is right again"},
    "alert.closed_damaged": {"sv": "Inget skadat kvar{for_who}", "en": "No damage left{for_who}"},
    "alert.closed_edited": {"sv": "Inget ändrat kvar{for_who}", "en": "No edits left{for_who}"},
    "alert.closed_incomplete": {"sv": "Planen är hel igen{for_who}", "en": "Plan whole again{for_who}"},
    "alert.closed_lasted": {
        "sv": "Det varade i {length}, från {since} till {until}.",
        "en": "It lasted {length}, from {since} to {until}.",
    },
    "alert.closed_missing": {"sv": "Kopiorna finns igen{for_who}", "en": "Copies there again{for_who}"},
    "alert.closed_not_healed": {"sv": "Kopiorna finns igen{for_who}", "en": "Copies there again{for_who}"},
    "alert.closed_not_saved": {"sv": "Planen är sparad igen", "en": "The plan is saved again"},
    "alert.closed_nothing": {
        "sv": "Ingen behöver göra något. Det här är det sista meddelandet om saken.",
        "en": "Nobody needs to do anything. This is the last message about it.",
    },
    "alert.closed_open": {"sv": "Nya kopior har fått sin plats", "en": "New copies are in their place"},
    "alert.closed_overdue": {"sv": "Inga för gamla filer finns kvar", "en": "No files too old are left"},
    "alert.closed_record": {"sv": "Förteckningen är hel igen", "en": "The record is whole again"},
    "alert.closed_retention": {"sv": "Gallringen är gjord", "en": "The retention is done"},
    "alert.closed_run_failed": {"sv": "{job} går bra igen", "en": "{job} goes well again"},
    "alert.closed_self": {
        "sv": "Reservplan lagade det av sig självt: kopiorna begärdes på nytt.",
        "en": "Reservplan mended it by itself: the copies were asked for again.",
    },
    "alert.closed_store_away": {"sv": "{store} nås igen", "en": "{store} can be reached again"},
    "alert.closed_stray": {"sv": "Inga okända filer finns kvar", "en": "No unknown files are left"},
    "alert.closed_teams": {
        "sv": "Det gällde {count} kopior för {teams}.",
        "en": "It concerned {count} copies for {teams}.",
    },
    "alert.closed_teams_one": {"sv": "Det gällde 1 kopia för {teams}.", "en": "It concerned 1 copy for {teams}."},
    "alert.closed_unknown_team": {"sv": "Inga okända grupper finns kvar", "en": "No unknown groups are left"},
    "alert.copies": {"sv": "Grupper och dagar", "en": "Groups and days"},
    "alert.copies_any": {"sv": "Kopior", "en": "Copies"},
    "alert.days": {"sv": "Dagar", "en": "Days"},
    "alert.days_many": {"sv": "{count} dagar {span}", "en": "{count} days {span}"},
    "alert.days_more": {"sv": "i dag och {count} dagar till", "en": "today and {count} more days"},
    "alert.days_short": {"sv": "i dag +{count} d", "en": "today +{count} d"},
    "alert.do": {"sv": "Gör så här", "en": "What to do"},
    "alert.do_accept": {
        "sv": "Stämmer planen, så att gruppen verkligen har så få besök? Säg det en gång, utan att nämna någon person:",
        "en": "Is the plan right, so that the group really has so few visits? Say so once, without naming anybody:",
    },
    "alert.do_again": {
        "sv": "Öppna {dag} i Airflow, välj körningen och Clear på hela körningen. Det går alltid bra att köra igen.",
        "en": "Open {dag} in Airflow, choose the run and Clear for the whole run. Running again is always safe.",
    },
    "alert.do_airflow": {
        "sv": "Se efter på maskinen där Airflow går om schemaläggaren lever, och starta om den som är nere:",
        "en": "On the machine where Airflow runs, see whether the scheduler lives, and restart what is down:",
    },
    "alert.do_check": {"sv": "Se vad som är fel, rad för rad:", "en": "See what is wrong, line by line:"},
    "alert.do_clock": {
        "sv": "Ställ den klocka som går fel. Är det filserverns: ring {call}. Den här visar skillnaden:",
        "en": "Set right the clock that is wrong. Is it the file server's: call {call}. This shows the difference:",
    },
    "alert.do_close": {
        "sv": "Be den som har filen öppen att stänga den utan att spara.",
        "en": "Ask whoever has the file open to close it without saving.",
    },
    "alert.do_close_self": {
        "sv": "När den är stängd tar den nya kopian dess plats av sig själv, inom en halvtimme.",
        "en": "Once it is closed, the new copy takes its place by itself within half an hour.",
    },
    "alert.do_edited": {
        "sv": "Behöver någon den ändrade filen? Flytta den då till en annan mapp, annars ta bort den. "
        "Reservplans egen kopia får sin plats vid nästa körning.",
        "en": "Does anybody need the edited file? Then move it to another folder, else remove it. "
        "Reservplan's own copy is put in its place by the next run.",
    },
    "alert.do_heals": {
        "sv": "Vänta: Reservplan begär kopiorna på nytt av sig självt inom {minutes} minuter, högst {tries} gånger. "
        "Går det inte kommer ett nytt meddelande.",
        "en": "Wait: Reservplan asks for the copies again by itself within {minutes} minutes, at most {tries} times. "
        "If that does not help, another message comes.",
    },
    "alert.do_heals_or": {"sv": "Behövs de genast:", "en": "Are they needed at once:"},
    "alert.do_not_healed": {
        "sv": "Reservplan har försökt {tries} gånger och slutat. Läs vad körningen säger, åtgärda det, och kör igen:",
        "en": "Reservplan has tried {tries} times and stopped. Read what the run says, mend it, and run again:",
    },
    "alert.do_not_saved": {
        "sv": "Se efter om reservplan_snapshot är pausad, hänger eller har gått fel.",
        "en": "See whether reservplan_snapshot is paused, hangs or has failed.",
    },
    "alert.do_plan": {
        "sv": "Be {planner} rätta planen eller exporten efter skälen ovan och spara exporten på nytt.",
        "en": "Ask {planner} to mend the plan or the export by the reasons above, and to save the export again.",
    },
    "alert.do_record": {
        "sv": "Oftast lagar nästa körning förteckningen själv. Hjälper det inte, se steg för steg. Kör den nu:",
        "en": "Mostly the next run mends the record itself. If it does not, see step by step. Run it now:",
    },
    "alert.do_retain": {
        "sv": "Läs planen: vad som skulle tas bort, och varför. Inget tas bort av det här:",
        "en": "Read the plan: what would be removed, and why. This removes nothing:",
    },
    "alert.do_retain_apply": {
        "sv": "Är planen rätt, låt den tas bort:",
        "en": "Is the plan right, let it be removed:",
    },
    "alert.do_save": {"sv": "Spara planen nu:", "en": "Save the plan now:"},
    "alert.do_snapshot": {"sv": "Gör kopiorna på nytt:", "en": "Make the copies again:"},
    "alert.do_store_away": {
        "sv": "Pröva att öppna {called} från en av personalens datorer. Går inte det heller, ring {call}.",
        "en": "Try to open {called} from one of staff's computers. If that fails too, call {call}.",
    },
    "alert.do_store_self": {
        "sv": "Reservplan tittar igen av sig självt, och hör av sig när lagret nås.",
        "en": "Reservplan looks again by itself, and tells when the store can be reached.",
    },
    "alert.do_stray": {
        "sv": "Ta bort eller flytta filerna för hand om ingen behöver dem. Reservplan rör dem inte.",
        "en": "Remove or move the files by hand if nobody needs them. Reservplan does not touch them.",
    },
    "alert.do_trigger": {
        "sv": "Eller i Airflow: öppna {dag} och välj Trigger med tomt formulär.",
        "en": "Or in Airflow: open {dag} and choose Trigger with an empty form.",
    },
    "alert.do_trigger_days": {
        "sv": "Eller i Airflow: öppna {dag} och välj Trigger med dagarna i formuläret.",
        "en": "Or in Airflow: open {dag} and choose Trigger with the days in the form.",
    },
    "alert.do_unknown_team": {
        "sv": "Lägg gruppen under teams i inställningarna, eller under ignore_teams om den inte är er. "
        "Heter den bara annorlunda i exporten: koppla namnet i source.teams. Pröva sedan:",
        "en": "Put the group under teams in the settings, or under ignore_teams if it is not yours. "
        "Has it only another name in the export: map the name in source.teams. Then try:",
    },
    "alert.effect": {"sv": "För den som skriver ut", "en": "For whoever prints"},
    "alert.effect_away": {
        "sv": "Ingen kan skriva ut från {called} nu.",
        "en": "Nobody can print from {called} now.",
    },
    "alert.effect_damaged": {
        "sv": "Lita inte på listan för {day}: den är skadad för {teams}.",
        "en": "Do not trust the list for {day}: it is damaged for {teams}.",
    },
    "alert.effect_edited": {
        "sv": "Listan för {day} är ändrad av någon för {teams}. Den som heter (Reservplan) sist i namnet är vår.",
        "en": "The list for {day} was edited by somebody for {teams}. The one named (Reservplan) at its end is ours.",
    },
    "alert.effect_elsewhere": {
        "sv": "På {called} finns listan för {day} för {teams}{captured}: skriv ut därifrån.",
        "en": "On {called} there is the list for {day} for {teams}{captured}: print from there.",
    },
    "alert.effect_incomplete": {
        "sv": "Listan för {day} är märkt OFULLSTÄNDIG för {teams}: besök kan saknas. Jämför med dagen före och ring "
        "{planner} innan den delas ut.",
        "en": "The list for {day} is marked INCOMPLETE for {teams}: visits may be missing. Compare it with the day "
        "before, and call {planner} before it is handed out.",
    },
    "alert.effect_instead": {
        "sv": "Behövs den nu: skriv ut dagen före och ring {planner}.",
        "en": "Is it needed now: print the day before, and call {planner}.",
    },
    "alert.effect_kept": {"sv": "Minne och pärm: {kept_at}.", "en": "Stick and binder: {kept_at}."},
    "alert.effect_look": {
        "sv": "Skriv ut det som ligger där. Varje sida säger när den hämtades och om den är hel.",
        "en": "Print what lies there. Each page says when it was captured and whether it is whole.",
    },
    "alert.effect_missing": {
        "sv": "Det finns ingen lista för {day} för {teams}.",
        "en": "There is no list for {day} for {teams}.",
    },
    "alert.effect_none": {
        "sv": "Det här hindrar ingen från att skriva ut i dag eller i morgon.",
        "en": "This keeps nobody from printing today or tomorrow.",
    },
    "alert.effect_nothing_before": {
        "sv": "Dagen före finns inte heller för alla. Behövs den nu: ring {planner}.",
        "en": "The day before is not there for all either. Is it needed now: call {planner}.",
    },
    "alert.effect_nowhere": {
        "sv": "Det finns inget annat lager att skriva ut från. Använd USB-minnet eller pärmen, om ni har dem.",
        "en": "There is no other store to print from. Use the USB stick or the binder, if you have them.",
    },
    "alert.effect_old": {
        "sv": "Listan för {day} finns{captured} för {teams}. Skriv ut den; det som ändrats sedan dess är inte med.",
        "en": "The list for {day} is there{captured} for {teams}. Print it; what has changed since is not in it.",
    },
    "alert.effect_open": {
        "sv": "Skriv ut den fil som har (ny …) i namnet. Den utan är äldre.",
        "en": "Print the file with (ny …) in its name. The one without is older.",
    },
    "alert.effect_partly": {
        "sv": "Listan för {day} finns för {teams}, men inte alla filer: {files}.",
        "en": "The list for {day} is there for {teams}, but not all files: {files} missing.",
    },
    "alert.effect_record": {
        "sv": "Kopiorna som ligger där går att skriva ut, men ingen vet om de är hela.",
        "en": "The copies that lie there can be printed, but nobody knows whether they are whole.",
    },
    "alert.effect_retention": {
        "sv": "Inget som behövs har tagits bort. Det som är för gammalt ligger kvar för länge.",
        "en": "Nothing that is needed was removed. What is too old lies there too long.",
    },
    "alert.effect_unknown_team": {
        "sv": "Gruppen har kopior under namnet i exporten, men ingen räknar efter om någon saknas.",
        "en": "The group has copies under its name in the export, but nobody counts whether one is missing.",
    },
    "alert.every_team": {"sv": "alla {count} grupper", "en": "all {count} groups"},
    "alert.for_who": {"sv": " för {who}", "en": " for {who}"},
    "alert.found": {"sv": "Vad som syns", "en": "What is seen"},
    "alert.fetched": {"sv": ", hämtad {moment}", "en": ", captured {moment}"},
    "alert.group": {"sv": "Grupp", "en": "Group"},
    "alert.groups": {"sv": "{count} grupper", "en": "{count} groups"},
    "alert.groups_one": {"sv": "1 grupp", "en": "1 group"},
    "alert.happened": {"sv": "Vad har hänt", "en": "What has happened"},
    "alert.in_airflow": {"sv": "I Airflow", "en": "In Airflow"},
    "alert.length_days": {"sv": "{count} dygn", "en": "{count} d"},
    "alert.lasts": {"sv": "Det har varat i {length}, sedan {since}.", "en": "It has lasted {length}, since {since}."},
    "alert.lead_airflow": {
        "sv": "En del av Airflow fungerar inte. Utan den sparas inga nya kopior, och ingen märker det i Airflow.",
        "en": "A part of Airflow does not work. Without it no new copies are saved, and nobody notices in Airflow.",
    },
    "alert.lead_clock": {
        "sv": "Klockan på {store} och klockan på maskinen där Reservplan går visar olika tid.",
        "en": "The clock of {store} and that of the machine on which Reservplan runs differ.",
    },
    "alert.lead_damaged": {
        "sv": "Filer på {store} är inte vad Reservplan skrev, och ingen har sparat om dem.",
        "en": "Files on {store} are not what Reservplan wrote, and nobody saved them anew.",
    },
    "alert.lead_edited": {
        "sv": "Någon har ändrat filer på {store}. Reservplan rör dem inte, utan lägger sina egna bredvid.",
        "en": "Somebody has edited files on {store}. Reservplan leaves them, and puts its own beside them.",
    },
    "alert.lead_incomplete": {
        "sv": "Planen lästes, men den är inte hel. Hela kopior byts aldrig mot ofullständiga.",
        "en": "The plan was read, but is not whole. Whole copies are never replaced by incomplete ones.",
    },
    "alert.lead_missing": {
        "sv": "Kopior som har sparats på {store} ligger inte kvar där.",
        "en": "Copies that were saved on {store} are not there any more.",
    },
    "alert.lead_not_healed": {
        "sv": "Kopior saknas eller är skadade på {store}, och Reservplan kan inte göra dem på nytt av sig självt.",
        "en": "Copies are missing or damaged on {store}, and Reservplan cannot make them again by itself.",
    },
    "alert.lead_not_saved": {
        "sv": "Kopiorna på {store} förnyas inte som de ska. De ska vara sparade kl. {due_by} varje dag.",
        "en": "The copies on {store} are not renewed as they should be. They are due at {due_by} every day.",
    },
    "alert.lead_not_saved_since": {
        "sv": "Senast sparades något där {moment}.",
        "en": "Something was last saved there {moment}.",
    },
    "alert.lead_open": {
        "sv": "En fil på {store} var öppen hos någon, så den nya kopian fick läggas bredvid.",
        "en": "A file on {store} was open at somebody's, so the new copy had to be put beside it.",
    },
    "alert.lead_overdue": {
        "sv": "På {store} ligger filer som är äldre än {days} dagar. De innehåller personuppgifter och ska bort.",
        "en": "Files older than {days} days lie on {store}. They hold personal data and are to go.",
    },
    "alert.lead_record": {
        "sv": "En förteckning på {store} går inte att läsa. Kopiorna går fortfarande att skriva ut.",
        "en": "A record on {store} cannot be read. The copies can still be printed.",
    },
    "alert.lead_retention": {
        "sv": "Gallringen gjorde inte vad den skulle. Den vägrar hellre än tar bort något som behövs.",
        "en": "The retention did not do what it should. It rather refuses than removes what is needed.",
    },
    "alert.lead_run_days": {"sv": "Körningen gällde {days}.", "en": "The run was for {days}."},
    "alert.lead_run_failed": {
        "sv": "En körning gick fel, och ingen senare har gått bra.",
        "en": "A run failed, and no later one has gone well.",
    },
    "alert.lead_stray": {
        "sv": "På {store} ligger filer som Reservplan inte räknar med.",
        "en": "On {store} there are files that Reservplan does not expect.",
    },
    "alert.lead_unknown_team": {
        "sv": "I planen finns en grupp som inställningarna inte känner.",
        "en": "The plan holds a group that the settings do not know.",
    },
    "alert.moment": {"sv": "{day} kl. {clock}", "en": "{day} at {clock}"},
    "alert.more": {"sv": "Och {count} till: se reservplan status.", "en": "And {count} more: see reservplan status."},
    "alert.next": {"sv": "Nästa besked", "en": "The next word"},
    "alert.next_last": {
        "sv": "när det är löst, annars en påminnelse om {hours} timmar",
        "en": "when it is solved, else a reminder in {hours} hours",
    },
    "alert.note": {
        "sv": "{dag} stannade i steget {task} {moment}: {fault}.",
        "en": "{dag} stopped in the step {task} {moment}: {fault}.",
    },
    "alert.note_run": {"sv": "{dag} stannade {moment}: {fault}.", "en": "{dag} stopped {moment}: {fault}."},
    "alert.note_says": {"sv": "Programmet säger: {words}", "en": "The program says: {words}"},
    "alert.note_tries": {"sv": "Det har hänt {count} gånger i rad.", "en": "That has happened {count} times in a row."},
    "alert.on": {"sv": "{subject} på {store}", "en": "{subject} on {store}"},
    "alert.open_by": {"sv": "Öppen hos", "en": "Open by"},
    "alert.runbook": {"sv": "Steg för steg", "en": "Step by step"},
    "alert.seen": {"sv": "Sett {moment}", "en": "Seen {moment}"},
    "alert.since": {"sv": "sedan {moment}", "en": "since {moment}"},
    "alert.state_held_back": {"sv": "hel, äldre", "en": "whole, older"},
    "alert.state_open": {"sv": "ny bredvid", "en": "new one beside"},
    "alert.status": {"sv": "Allt, grupp för grupp", "en": "Everything, group by group"},
    "alert.subject_airflow": {"sv": "Airflow fungerar inte {since}", "en": "Airflow does not work {since}"},
    "alert.subject_clock": {"sv": "Klockan går fel på {store} {since}", "en": "The clock of {store} is wrong {since}"},
    "alert.subject_damaged": {"sv": "Skadad kopia{for_who} {day}", "en": "Damaged copy{for_who} {day}"},
    "alert.subject_edited": {"sv": "Ändrad kopia{for_who} {day}", "en": "Edited copy{for_who} {day}"},
    "alert.subject_incomplete": {"sv": "Ofullständig plan{for_who} {day}", "en": "Incomplete plan{for_who} {day}"},
    "alert.subject_missing": {"sv": "{which} saknas {day}", "en": "{which} missing {day}"},
    "alert.subject_not_healed": {"sv": "Går inte att laga{for_who} {day}", "en": "Cannot be mended{for_who} {day}"},
    "alert.subject_not_saved": {"sv": "Planen ej sparad {since}, {who}", "en": "Plan not saved {since}, {who}"},
    "alert.subject_open": {"sv": "Öppen fil{for_who} {day}", "en": "Open file{for_who} {day}"},
    "alert.subject_overdue": {"sv": "För gamla filer kvar {since}", "en": "Files too old left {since}"},
    "alert.subject_record": {"sv": "Skadad förteckning {since}", "en": "Damaged record {since}"},
    "alert.subject_retention": {"sv": "Gallringen vägrar {since}", "en": "Retention refuses {since}"},
    "alert.subject_run_failed": {"sv": "{job} gick fel {since}", "en": "{job} failed {since}"},
    "alert.subject_store_away": {"sv": "{store} nås inte {since}", "en": "{store} cannot be reached {since}"},
    "alert.subject_stray": {"sv": "Okända filer {since}", "en": "Unknown files {since}"},
    "alert.subject_unknown_team": {
        "sv": "Okänd grupp i planen {since}: {who}",
        "en": "Unknown group in the plan {since}: {who}",
    },
    "alert.today": {"sv": "i dag", "en": "today"},
    "alert.today_tomorrow": {"sv": "i dag och i morgon", "en": "today and tomorrow"},
    "alert.tomorrow": {"sv": "i morgon", "en": "tomorrow"},
    "alert.turn_closed": {"sv": "Löst: ", "en": "Solved: "},
    "alert.turn_opened_critical": {"sv": "LARM: ", "en": "ALARM: "},
    "alert.turn_opened_info": {"sv": "Obs: ", "en": "Note: "},
    "alert.turn_reminded_critical": {"sv": "LARM kvarstår: ", "en": "ALARM, still: "},
    "alert.turn_reminded_info": {"sv": "Obs, kvarstår: ", "en": "Note, still: "},
    "alert.turn_worse_critical": {"sv": "LARM, värre: ", "en": "ALARM, worse: "},
    "alert.turn_worse_info": {"sv": "Obs, värre: ", "en": "Note, worse: "},
    "alert.why": {"sv": "Varför", "en": "Why"},
    "alert.yesterday": {"sv": "i går", "en": "yesterday"},
    # --- check: what a run needs, line by line ---
    "check.alerts": {
        "sv": "ingen får larm: namnge en anslutning i alerts.critical",
        "en": "nobody gets alerts: name a connection in alerts.critical",
    },
    "check.channel": {
        "sv": "larm går hit ({kind}); prova med reservplan alert-test",
        "en": "alerts go here ({kind}); try it with reservplan alert-test",
    },
    "check.clock": {
        "sv": "klockan stämmer (skillnad {seconds} s)",
        "en": "its clock is right (differs by {seconds} s)",
    },
    "check.clock_off": {
        "sv": "klockan skiljer {seconds} s från vår: ställ den som går fel, annars döms kopiors ålder fel",
        "en": "its clock differs from ours by {seconds} s: set the wrong one, or the age of copies is judged wrongly",
    },
    "check.fonts": {"sv": "{files} filer ritade på prov", "en": "{files} files drawn as a trial"},
    "check.free": {"sv": "{megabytes} MB ledigt", "en": "{megabytes} MB free"},
    "check.heartbeat": {"sv": "vakten hör av sig hit", "en": "the watch reports here"},
    "check.heartbeat_kind": {
        "sv": "anslutningen måste vara av typen http och ha en host",
        "en": "the connection must be of type http and have a host",
    },
    "check.place": {
        "sv": "{place}: går att skriva, läsa och tömma",
        "en": "{place}: can be written, read and emptied",
    },
    "check.protected": {
        "sv": "source.protected saknas: säg vilken kolumn som märker skyddade uppgifter, eller not_in_source",
        "en": "source.protected is missing: say which column marks protected people, or not_in_source",
    },
    "check.settings": {
        "sv": "grupper: {teams}, platser för kopior: {stores}",
        "en": "groups: {teams}, stores: {stores}",
    },
    "check.source": {
        "sv": "{label}: {rows} rader, {days} av {asked} dagar finns i underlaget",
        "en": "{label}: {rows} rows, {days} of {asked} days are in the source",
    },
    "check.store": {
        "sv": "{place}: nås, går att låsa, {files} filer",
        "en": "{place}: reached, can be locked, {files} files",
    },
    "check.today": {
        "sv": "dagens dag finns inte i underlaget: ingen grupp får någon kopia för i dag. Spara en ny export",
        "en": "today is not in the source: no group gets a copy for today. Save a new export",
    },
    "check.unknown": {
        "sv": "grupper som inställningarna saknar: {teams}. Lägg dem i teams, source.teams eller source.ignore_teams",
        "en": "groups that the settings do not know: {teams}. Put them in teams, source.teams or source.ignore_teams",
    },
    "check.unreadable": {
        "sv": "{count} rader kunde inte läsas: rad {rows}. Rätta dem i planeringen eller kolumnerna i inställningarna",
        "en": "{count} rows could not be read: row {rows}. Mend them in the plan, or the columns in the settings",
    },
    "check.without": {"sv": "inga besök i underlaget för {teams}", "en": "no visits in the source for {teams}"},
    # --- alert-test: does an alert reach anybody? ---
    "alert_test.again": {"sv": "Skickat med", "en": "Sent by"},
    "alert_test.band": {"sv": "PROV – INGET ÄR FEL", "en": "TEST – NOTHING IS WRONG"},
    "alert_test.by": {"sv": "Inställt av", "en": "Configured by"},
    "alert_test.channel": {"sv": "Kanal", "en": "Channel"},
    "alert_test.headline": {"sv": "Prov av larm genom {channel}", "en": "Test of alerts through {channel}"},
    "alert_test.look": {"sv": "Se efter", "en": "Check"},
    "alert_test.look_number": {
        "sv": "Stämmer namn och nummer nedan? De står i larmen.",
        "en": "Are the name and number below right? They stand in the alerts.",
    },
    "alert_test.look_place": {
        "sv": "Kom det dit där någon ser det i tid, och inte bland skräpposten?",
        "en": "Did it come to where somebody sees it in time, and not among the junk?",
    },
    "alert_test.look_who": {
        "sv": "Är det du som ska få larmen? Säg annars till den som nämns nedan.",
        "en": "Are you the one who shall get the alerts? If not, tell whoever is named below.",
    },
    "alert_test.none": {
        "sv": "ingen kanal är namngiven: skriv namn på anslutningar i alerts.critical och alerts.info",
        "en": "no channel is named: write names of connections in alerts.critical and alerts.info",
    },
    "alert_test.partly": {
        "sv": "skickat, men inte till alla: se adresserna i anslutningen",
        "en": "sent, but not to everybody: look at the addresses in the connection",
    },
    "alert_test.sent": {"sv": "skickat: se efter att det kom fram", "en": "sent: see that it has arrived"},
    "alert_test.subject": {"sv": "Reservplan: PROV av larm, {channel}", "en": "Reservplan: TEST of alerts, {channel}"},
    "alert_test.what": {
        "sv": "Det här är ett prov. Inget är fel med kopiorna, och ingen utskrift behöver göras.",
        "en": "This is a test. Nothing is wrong with the copies, and nothing needs to be printed.",
    },
    # --- channel: why an alert could not be sent ---
    "channel.fault_away": {
        "sv": "servern svarar inte: kontrollera host, port och brandvägg",
        "en": "the server does not answer: check host, port and firewall",
    },
    "channel.fault_encryption": {
        "sv": "ingen kryptering kunde avtalas: kontrollera disable_ssl, disable_tls och serverns certifikat",
        "en": "no encryption could be agreed on: check disable_ssl, disable_tls and the server's certificate",
    },
    "channel.fault_login": {
        "sv": "servern tar inte emot lösenordet: kontrollera login och password",
        "en": "the server does not take the password: check login and password",
    },
    "channel.fault_other": {
        "sv": "ett oväntat fel: kontrollera anslutningen fält för fält",
        "en": "an unexpected fault: check the connection field by field",
    },
    "channel.fault_refused": {
        "sv": "servern vägrar: kontrollera from_email och to, och vilka som får skicka dit",
        "en": "the server refuses: check from_email and to, and who may send there",
    },
    "channel.fault_service": {
        "sv": "tjänsten tog inte emot det: kontrollera adressen i config, och om tjänsten är i gång",
        "en": "the service did not take it: check the address in config, and whether the service is up",
    },
    "channel.fault_unusable": {
        "sv": "anslutningen går inte att använda: kontrollera type, to och config",
        "en": "the connection cannot be used: check type, to and config",
    },
    # --- accepting: somebody says that an incomplete cell is right as it is ---
    "accept.accepted": {
        "sv": "godkänd med {visits} besök; försvinner fler blir den ofullständig igen",
        "en": "accepted with {visits} visits; if more go it is incomplete again",
    },
    "accept.empty": {
        "sv": "godkänd utan besök; en kopia som redan finns ligger kvar tills dagen gallras",
        "en": "accepted without visits; a copy that is there stays until the day is pruned",
    },
    "accept.refused": {
        "sv": "kan inte godkännas: {reasons} Rätta exporten och kör en snapshot",
        "en": "cannot be accepted: {reasons} Mend the export and run a snapshot",
    },
    "accept.unread": {
        "sv": "godkänd utan besök innan dagen har lästs; kommer det besök ändå bedöms de som vanligt",
        "en": "accepted without visits before the day was read; if visits come all the same they are judged as ever",
    },
    "accept.whole": {"sv": "är inte ofullständig, inget att godkänna", "en": "is not incomplete, nothing to accept"},
    # --- diagnosis: what is down, and who can help ---
    "diagnosis.airflow": {
        "sv": "Airflow självt fungerar inte, så ingen körning kan gå. Nätet och lagren är inte orsaken.",
        "en": "Airflow itself does not work, so no run can come. Network and stores are not the reason.",
    },
    "diagnosis.airflow_dag_processor": {
        "sv": "Airflows DAG-processor är nere: ändringar läses inte in.",
        "en": "Airflow's DAG processor is down: changes are not read.",
    },
    "diagnosis.airflow_database": {
        "sv": "Airflows databas svarar inte: inga körningar startar.",
        "en": "Airflow's database does not answer: no runs begin.",
    },
    "diagnosis.airflow_page": {
        "sv": "Airflows sidor svarar inte, så ingen vet hur resten av Airflow mår.",
        "en": "Airflow's pages do not answer, so nobody knows how the rest of Airflow is.",
    },
    "diagnosis.airflow_scheduler": {
        "sv": "Airflows schemaläggare är nere: inga körningar startar.",
        "en": "Airflow's scheduler is down: no runs begin.",
    },
    "diagnosis.export_none": {"sv": "Det finns inget underlag i {path}.", "en": "There is no export in {path}."},
    "diagnosis.export_old": {
        "sv": "Det nyaste underlaget i {path} är {hours} timmar gammalt.",
        "en": "The newest export in {path} is {hours} hours old.",
    },
    "diagnosis.export_silent": {
        "sv": "{path}, där underlaget ska ligga, svarar inte.",
        "en": "{path}, where the export should lie, does not answer.",
    },
    "diagnosis.incomplete": {
        "sv": "Underlag, lager och nät svarar: det är planen själv som inte är hel. Gruppens planerare vet varför.",
        "en": "Source, stores and network answer: the plan itself is not whole. The group's planner knows why.",
    },
    "diagnosis.internet": {
        "sv": "Inget underlag kommer, och internet svarar inte heller: felet är i nätet, inte i planeringssystemet.",
        "en": "No export comes, and the internet does not answer either: the fault is in the network, not in the "
        "planning system.",
    },
    "diagnosis.internet_only": {
        "sv": "Inget underlag kommer. Kommunens eget nät svarar, men inte internet.",
        "en": "No export comes. The municipality's own network answers, but not the internet.",
    },
    "diagnosis.not_run": {
        "sv": "Underlag, lager och nät svarar: det är körningen som inte har gått.",
        "en": "Source, stores and network answer: it is the run that has not come.",
    },
    "diagnosis.run_failed": {"sv": "Dagens körning misslyckades.", "en": "Today's run failed."},
    "diagnosis.run_never": {
        "sv": "Ingen körning har startat sedan den skulle: schemaläggaren var nere, eller DAG:en kunde inte läsas.",
        "en": "No run has begun since it was due: the scheduler was down, or the DAG could not be read.",
    },
    "diagnosis.run_paused": {
        "sv": "reservplan_snapshot är pausad i Airflow. Slå på den igen.",
        "en": "reservplan_snapshot is paused in Airflow. Switch it on again.",
    },
    "diagnosis.run_queued": {
        "sv": "Körningen står i kö: ingen worker tar den, eller alla platser är upptagna.",
        "en": "The run is queued: no worker takes it, or all slots are taken.",
    },
    "diagnosis.run_running": {
        "sv": "Körningen har startat men är inte klar: den hänger, eller väntar på en fil eller ett lager.",
        "en": "The run has begun and is not done: it hangs, or waits for a file or a store.",
    },
    "diagnosis.settings": {
        "sv": "Inställningarna stoppade körningen; inget annat behöver vara fel.",
        "en": "The settings stopped the run; nothing else need be wrong.",
    },
    "diagnosis.source": {
        "sv": "Internet fungerar, men inget nytt underlag kommer från planeringssystemet.",
        "en": "The internet works, but no new export comes from the planning system.",
    },
    "diagnosis.source_read": {
        "sv": "Underlaget kom, men gick inte att läsa.",
        "en": "The export came, but could not be read.",
    },
    "diagnosis.source_untold": {
        "sv": "Inget nytt underlag kommer från planeringssystemet.",
        "en": "No new export comes from the planning system.",
    },
    "diagnosis.staging": {
        "sv": "Mellanlagret som körningen arbetar i går inte att använda.",
        "en": "The staging folder in which the run works cannot be used.",
    },
    "diagnosis.store": {
        "sv": "Lagret nås inte, men internet fungerar: servern eller vägen dit är nere.",
        "en": "The store is out of reach, but the internet works: the server or the way to it is down.",
    },
    "diagnosis.store_full": {"sv": "Lagret svarar men är fullt.", "en": "The store answers but is full."},
    "diagnosis.store_internet": {
        "sv": "Internet svarar inte heller: felet är i nätet, inte bara på lagret.",
        "en": "The internet does not answer either: the fault is in the network, not only at the store.",
    },
    "diagnosis.store_refused": {
        "sv": "Lagret svarar men släpper inte in Reservplan: konto, lösenord, utdelning eller rättigheter är fel.",
        "en": "The store answers but does not let Reservplan in: account, password, share or permissions are wrong.",
    },
    "diagnosis.unwritten": {
        "sv": "Underlaget kom, men alla kopior gick inte att skriva till lagret.",
        "en": "The export came, but not all copies could be written to the store.",
    },
    "diagnosis.vendor_closed": {
        "sv": "{vendor} har stängt just nu ({hours}): skriv ut från lagret till dess.",
        "en": "{vendor} is closed at this time ({hours}): print from the store until then.",
    },
    "diagnosis.vendor_hours": {"sv": "{vendor} svarar {hours}.", "en": "{vendor} answers {hours}."},
    # --- drill: are the copies found, opened and read? ---
    "drill.column_captured": {"sv": "Hämtat", "en": "Captured"},
    "drill.column_pages": {"sv": "Sidor", "en": "Pages"},
    "drill.column_result": {"sv": "Resultat", "en": "Result"},
    "drill.column_seconds": {"sv": "Tid", "en": "Time"},
    "drill.column_store": {"sv": "Lager", "en": "Store"},
    "drill.column_team": {"sv": "Grupp", "en": "Group"},
    "drill.column_visits": {"sv": "Besök", "en": "Visits"},
    "drill.column_workbook": {"sv": "I Excel", "en": "In Excel"},
    "drill.copied": {"sv": "Övningskopia: {path}", "en": "Copy for the drill: {path}"},
    "drill.do_away": {
        "sv": "{store}: ring IT-service. Därifrån går inget att skriva ut i dag.",
        "en": "{store}: call IT service. Nothing can be printed from there today.",
    },
    "drill.do_group": {
        "sv": "{team} på {store}: gör om kopian (Airflow: reservplan_snapshot, Trigger) och öva den igen.",
        "en": "{team} at {store}: make the copy again (Airflow: reservplan_snapshot, Trigger) and drill it again.",
    },
    "drill.do_incomplete": {
        "sv": "{team}: planeraren ser till att planen blir hel.",
        "en": "{team}: the planner sees to it that the plan is whole.",
    },
    "drill.do_old": {
        "sv": "Se varför planen inte har hämtats på länge: reservplan status.",
        "en": "See why the plan has not been captured for long: reservplan status.",
    },
    "drill.failed": {"sv": "Övningen {day} gick inte. {what}", "en": "The drill of {day} failed. {what}"},
    "drill.failed_do": {
        "sv": "Gör om kopiorna (reservplan_snapshot, Trigger) och öva igen; docs/runbooks/drill.md säger hur.",
        "en": "Make the copies again (reservplan_snapshot, Trigger) and drill again; docs/runbooks/drill.md says how.",
    },
    "drill.fault_held_open": {"sv": "en fil går inte att läsa just nu", "en": "a file cannot be read right now"},
    "drill.fault_missing_list_pdf": {"sv": "listan saknas", "en": "the list is missing"},
    "drill.fault_missing_list_xlsx": {"sv": "listan i Excel saknas", "en": "the list in Excel is missing"},
    "drill.fault_missing_overview_pdf": {"sv": "översikten saknas", "en": "the overview is missing"},
    "drill.fault_missing_overview_xlsx": {
        "sv": "översikten i Excel saknas",
        "en": "the overview in Excel is missing",
    },
    "drill.fault_no_count": {"sv": "antalet besök står inte på listan", "en": "the list does not say how many visits"},
    "drill.fault_no_text": {"sv": "sidorna är tomma", "en": "the pages are empty"},
    "drill.fault_not_opened": {"sv": "en fil går inte att öppna", "en": "a file does not open"},
    "drill.fault_other_count": {
        "sv": "fel antal besök på listan",
        "en": "the list has another number of visits than it should",
    },
    "drill.fault_other_day": {"sv": "fel dag på en sida", "en": "another day on a page"},
    "drill.fault_other_group": {"sv": "fel grupp på en sida", "en": "another group on a page"},
    "drill.fault_other_verdict": {
        "sv": "listan säger inte rätt om den är komplett",
        "en": "the list does not say rightly whether it is complete",
    },
    "drill.fault_page_lost": {"sv": "en sida saknas", "en": "a page is missing"},
    "drill.fault_rows_gone": {"sv": "besök saknas i Excel", "en": "visits are missing in Excel"},
    "drill.fault_visits_gone": {"sv": "besök saknas på listans sidor", "en": "visits are missing on the list's pages"},
    "drill.footer": {
        "sv": "Inga personuppgifter. Sparas hos den som ansvarar för verksamheten.",
        "en": "No personal data. Kept by whoever is responsible for the service.",
    },
    "drill.group_failed": {"sv": "{store}, {team}: {reasons}.", "en": "{store}, {team}: {reasons}."},
    "drill.how": {
        "sv": "Varje lista och översikt för {day} söktes fram efter sitt namn, öppnades och lästes. Besök: på "
        "listan / enligt lagrets uppgift. Tid: tills någon har listan på skärmen.",
        "en": "Each list and overview of {day} was found by its name, opened and read. Visits: on the list / by the "
        "store's record. Time: until somebody has the list on the screen.",
    },
    "drill.improve_heading": {"sv": "Att förbättra", "en": "To improve"},
    "drill.kept": {"sv": "Protokoll: {path}", "en": "Protocol: {path}"},
    "drill.more": {
        "sv": "… och {count} rader till, se loggen.",
        "en": "… and {count} more rows, see the log.",
    },
    "drill.not_passed": {"sv": "UNDERKÄND", "en": "FAILED"},
    "drill.nothing_to_do": {"sv": "Inget som övningen fann.", "en": "Nothing that the drill found."},
    "drill.of": {"sv": "{found} / {recorded}", "en": "{found} / {recorded}"},
    "drill.passed": {"sv": "Godkänd", "en": "Passed"},
    "drill.remark_beside": {
        "sv": "filen ligger bredvid en annan, se namnet",
        "en": "the file lies beside another, see its name",
    },
    "drill.remark_incomplete": {"sv": "märkt OFULLSTÄNDIG", "en": "marked INCOMPLETE"},
    "drill.remark_no_record": {"sv": "lagret har ingen uppgift att jämföra med", "en": "the store has no record of it"},
    "drill.remark_old": {"sv": "gammal", "en": "old"},
    "drill.remark_other_capture": {
        "sv": "hämtad vid en annan tid än uppgiften",
        "en": "captured at another time than recorded",
    },
    "drill.sign_date": {"sv": "Datum", "en": "Date"},
    "drill.sign_heading": {"sv": "Övningen är gjord och genomgången", "en": "The drill is done and was gone through"},
    "drill.sign_signature": {"sv": "Underskrift", "en": "Signature"},
    "drill.sign_who": {"sv": "Namn och roll", "en": "Name and role"},
    "drill.stamp_below": {
        "sv": "Kopia till övning av {moment}. Arbeta inte efter den. Strimlas efter övningen.",
        "en": "Copy for a drill of {moment}. Do not work from it. Shred it after the drill.",
    },
    "drill.store_away": {"sv": "{store}: inget går att hämta. {what}", "en": "{store}: nothing can be had. {what}"},
    "drill.sum_failed": {
        "sv": "UNDERKÄND. {passed} av {tried} prov godkända, {away} lager utan svar.",
        "en": "FAILED. {passed} of {tried} trials passed, {away} stores without an answer.",
    },
    "drill.sum_passed": {
        "sv": "GODKÄND. {passed} av {tried} listor hittades, öppnades och var hela.",
        "en": "PASSED. {passed} of {tried} lists were found, opened and whole.",
    },
    "drill.title": {"sv": "Övning: går listorna att använda?", "en": "Drill: can the lists be used?"},
    # --- erasing: one client is taken out of the days to come ---
    "erase.accepted": {"sv": "inga besök kvar", "en": "no visits left"},
    "erase.away": {
        "sv": "En plats som inte gick att nå har raderna kvar: kör kommandot igen när den är tillbaka.",
        "en": "A place that could not be reached has the rows still: give the command again when it is back.",
    },
    "erase.damaged": {
        "sv": "Vad den har kvar går inte att se: ta bort den för hand ur arkivet.",
        "en": "What is left in it cannot be seen: remove it from the archive by hand.",
    },
    "erase.done": {"sv": "Borttaget ur arkivet och ur kopiorna.", "en": "Taken out of the archive and the copies."},
    "erase.in_source": {
        "sv": "Exporten har fortfarande {count} rader om personen ({days}): nästa läsning för tillbaka dem. Rätta "
        "planeringssystemet, spara en ny export och kör kommandot igen.",
        "en": "The export still holds {count} rows about the person ({days}): the next reading brings them back. Mend "
        "the planning system, save a new export and give the command again.",
    },
    "erase.left_day": {
        "sv": "dagens förteckning går inte att läsa, så vad som ligger där kan inte bedömas. Se manifest-damaged.md "
        "och kör kommandot igen",
        "en": "the day's manifest cannot be read, so what lies there cannot be judged. See manifest-damaged.md, and "
        "give the command again",
    },
    "erase.left_edited": {
        "sv": "någon har ändrat eller lagt dit filen. Personen kan stå kvar i den: öppna den och ta bort personen "
        "för hand",
        "en": "somebody has edited the file, or put it there. It may hold the person still: open it, and remove the "
        "person by hand",
    },
    "erase.left_foreign": {
        "sv": "filen är inte vår. Personen kan stå kvar i den: öppna den och ta bort personen för hand",
        "en": "the file is not ours. It may hold the person still: open it, and remove the person by hand",
    },
    "erase.left_old": {
        "sv": "kunde inte bytas ut och har personen kvar. Stäng filen där den är öppen och kör kommandot igen",
        "en": "could not be replaced and still holds the person. Close the file where it is open, and give the command "
        "again",
    },
    "erase.left_unknown": {
        "sv": "kopian är gjord av en läsning som arkivet inte har kvar, så det går inte att se om personen står på "
        "den. Kör en snapshot av en rättad export, eller titta på papperet",
        "en": "the copy is of a reading that the archive does not have any more, so whether the person stands on it "
        "cannot be told. Run a snapshot of a mended export, or look at the paper",
    },
    "erase.finished": {
        "sv": "Det som en tidigare borttagning hade lämnat efter sig är klart.",
        "en": "What an earlier removal had left undone is done.",
    },
    "erase.mentions": {
        "sv": "Personens namn står i fritext på andra brukares rader: {count} rader ({cells}). De är inte ändrade: "
        "rätta dem i planeringssystemet, om det är samma person.",
        "en": "The person's name stands in free text on other clients' rows: {count} rows ({cells}). They were not "
        "changed: mend them in the planning system, if it is the same person.",
    },
    "erase.none": {
        "sv": "Det finns inga rader med detta id i arkivet från och med {first}.",
        "en": "There are no rows of this id in the archive from {first} on.",
    },
    "erase.not_noted": {
        "sv": "att raderna är borttagna kunde inte noteras där",
        "en": "that the rows were removed could not be noted there",
    },
    "erase.nothing_touched": {"sv": "Ingenting är ändrat.", "en": "Nothing was changed."},
    "erase.past": {
        "sv": "Dagar före {first} ligger kvar tills de gallras.",
        "en": "Days before {first} stay until they are pruned.",
    },
    "erase.prompt": {"sv": "Brukarens id (syns inte): ", "en": "The client's id (not shown): "},
    "erase.rows": {"sv": "{count} rader", "en": "{count} rows"},
    "erase.source_unread": {
        "sv": "Exporten kunde inte läsas nu; står personen kvar i den för nästa läsning tillbaka raderna.",
        "en": "The export could not be read now; if the person is in it still, the next reading brings the rows back.",
    },
    "erase.under_way": {
        "sv": "En annan körning pågår, eller avbröts nyss, och kan föra tillbaka personen: kör kommandot igen när den "
        "är klar.",
        "en": "Another run is under way, or was cut off a moment ago, and may bring the person back: give the command "
        "again when it is done.",
    },
    "erase.withdrawn": {
        "sv": "inga besök kvar, kopiorna är borttagna",
        "en": "no visits left, the copies were removed",
    },
    # --- heal: what the watch asked for again by itself ---
    "heal.asked": {"sv": "Hämtas igen: {cell}", "en": "Made again: {cell}"},
    "heal.given_up": {
        "sv": "{store}: {day} för {teams} har beställts om {tries} gånger av sig självt, och är ändå inte hel.",
        "en": "{store}: {day} for {teams} was asked for again {tries} times by itself, and is still not whole.",
    },
    "heal.left": {
        "sv": "{count} kopior till hämtas igen vid nästa kontroll.",
        "en": "{count} more copies are made again at the next look.",
    },
    "heal.paper_damaged": {
        "sv": "{store}: vid nattens kontroll var {names} inte vad som skrevs. Ta bort filen där; nästa körning skriver "
        "den på nytt.",
        "en": "{store}: at the nightly check {names} was not what was written. Remove the file there; the next run "
        "writes it anew.",
    },
    # --- papers: what a store holds besides the copies ---
    "papers.blanks": {"sv": "Blanketter för tillkomna besök", "en": "Forms for added visits"},
    "papers.denied": {
        "sv": "kunde inte skrivas: rättighet saknas, eller en mapp ligger i vägen",
        "en": "could not be written: no permission, or a folder is in the way",
    },
    "papers.in_part": {
        "sv": "saknar dagar vars lista inte gick att läsa just nu; nästa körning försöker igen",
        "en": "lacks days whose list could not be read just now; the next run tries again",
    },
    "papers.not_made": {
        "sv": "kunde inte göras; det som fanns ligger kvar, och nästa körning försöker igen",
        "en": "could not be made; what was there stays, and the next run tries again",
    },
    "papers.not_written": {
        "sv": "kunde inte skrivas; nästa körning försöker igen",
        "en": "could not be written; the next run tries again",
    },
    "papers.open": {
        "sv": "är öppen hos någon; den gamla ligger kvar tills nästa körning",
        "en": "is open somewhere; the old one stays until the next run",
    },
    "papers.taken": {
        "sv": "under båda namnen ligger filer som inte är våra. Flytta undan dem",
        "en": "files that are not ours lie under both names. Move them away",
    },
    "papers.unread": {
        "sv": "ingen av dess listor gick att läsa just nu; det som fanns ligger kvar, och nästa körning försöker igen",
        "en": "none of its lists could be read just now; what was there stays, and the next run tries again",
    },
    # --- blanks: forms to fill in by hand ---
    "blanks.activities": {"sv": "Insatser", "en": "Activities"},
    "blanks.address_phone": {"sv": "Adress, telefon, nyckel", "en": "Address, phone, key"},
    "blanks.by": {"sv": "Lämnat av", "en": "Handed over by"},
    "blanks.client": {"sv": "Brukare", "en": "Client"},
    "blanks.date": {"sv": "Datum", "en": "Date"},
    "blanks.deviation": {"sv": "Avvikelse", "en": "Deviation"},
    "blanks.done": {"sv": "Åtgärdat av", "en": "Seen to by"},
    "blanks.done_from": {"sv": "Utfört från", "en": "Done from"},
    "blanks.done_to": {"sv": "Utfört till", "en": "Done to"},
    "blanks.employee": {"sv": "Medarbetare", "en": "Employee"},
    "blanks.hand_over": {"sv": "Överlämning och avvikelser", "en": "Handing over, and deviations"},
    "blanks.hand_over_hint": {
        "sv": (
            "Skriv det som nästa pass, planeraren eller sjuksköterskan måste veta. Allt registreras när "
            "systemet fungerar igen."
        ),
        "en": (
            "Write what the next shift, the planner or the nurse must know. All of it is registered when the "
            "system works again."
        ),
    },
    "blanks.handed_over": {"sv": "Vad har hänt, vad ska göras", "en": "What has happened, what is to be done"},
    "blanks.registered": {"sv": "Registrerat (datum, sign.)", "en": "Registered (date, initials)"},
    "blanks.signature": {"sv": "Signatur", "en": "Signature"},
    "blanks.time": {"sv": "Tid", "en": "Time"},
    "blanks.visits_hint": {
        "sv": (
            "Ett blad för varje medarbetare och dag. Skriv också telefonbesök och besök som ställs in. "
            "Registrera varje besök i efterhand och lämna tillbaka bladet."
        ),
        "en": (
            "A sheet for each employee and day. Write phone calls and cancelled visits too. Register every "
            "visit afterwards, and hand the sheet back."
        ),
    },
    # --- week: the cover of a week pack ---
    "week.afterwards": {"sv": "EFTERSKAPAD", "en": "CREATED AFTERWARDS"},
    "week.blanks": {"sv": "Blanketter att fylla i", "en": "Forms to fill in"},
    "week.dates": {"sv": "{first} – {last}", "en": "{first} – {last}"},
    "week.holds": {"sv": "{count} av 7 dagar finns här", "en": "{count} of 7 days are here"},
    "week.label_captured": {"sv": "Hämtat", "en": "Captured"},
    "week.label_day": {"sv": "Dag", "en": "Day"},
    "week.label_pages": {"sv": "Sidor i den här filen", "en": "Pages of this file"},
    "week.label_verdict": {"sv": "Listan är", "en": "The list is"},
    "week.missing_closed": {"sv": "Gruppen har stängt, inga besök.", "en": "The group is closed, no visits."},
    "week.missing_edited": {
        "sv": "SAKNAS här: någon har ändrat i dagens fil. Skriv ut den för sig.",
        "en": "MISSING here: somebody has changed the day's file. Print it by itself.",
    },
    "week.missing_not_due": {
        "sv": "SAKNAS: dagen är inte hämtad än.",
        "en": "MISSING: the day has not been captured yet.",
    },
    "week.missing_not_there": {
        "sv": "SAKNAS: det finns ingen lista för dagen. Ring planeraren.",
        "en": "MISSING: there is no list for the day. Call the planner.",
    },
    "week.missing_past": {
        "sv": "SAKNAS: dagen har passerat och dess kopior är borttagna.",
        "en": "MISSING: the day has passed, and its copies have been removed.",
    },
    "week.old": {"sv": "GAMMAL", "en": "OLD"},
    "week.page": {"sv": "sidan {first}", "en": "page {first}"},
    "week.pages": {"sv": "sidan {first}–{last}", "en": "pages {first}–{last}"},
    "week.pages_from": {
        "sv": "från sidan {first}; kopiera så många som behövs",
        "en": "from page {first}; copy as many as are needed",
    },
    "week.step_1": {
        "sv": "Skriv ut de dagar ni behöver: ange sidorna ovan i skrivarens ruta för sidor. Börja med i dag.",
        "en": "Print the days that you need: give the pages above in the printer's box for pages. Begin with today.",
    },
    "week.step_2": {
        "sv": "Gå igenom dagen tillsammans. Rätta för hand det som har ändrats efter hämtningen.",
        "en": "Go through the day together. Correct by hand what has changed since the capture.",
    },
    "week.step_3": {
        "sv": "Fördela besök som saknar medarbetare och besök som inte fanns med.",
        "en": "Share out visits without an employee, and visits that were not there.",
    },
    "week.step_4": {
        "sv": "Signera varje besök. Skriv utförd tid och avvikelser.",
        "en": "Sign every visit. Write time done and deviations.",
    },
    "week.step_5": {
        "sv": (
            "När systemet fungerar igen: registrera alla besök och all dokumentation. Lämna tillbaka pappret, "
            "det strimlas."
        ),
        "en": (
            "When the system works again: register all visits and all documentation. Hand the paper back, it "
            "is shredded."
        ),
    },
    "week.steps": {"sv": "Så här gör ni vid ett långt avbrott", "en": "What to do in a long outage"},
    # --- routine: the paper routine for outages ---
    "routine.afterwards": {
        "sv": "När allt fungerar igen: registrera i efterhand",
        "en": "When everything works again: register afterwards",
    },
    "routine.afterwards_1": {
        "sv": "Registrera varje besök i {system}, också de som tillkom och de som ställdes in.",
        "en": "Register every visit in {system}, also those that were added and those that were cancelled.",
    },
    "routine.afterwards_2": {
        "sv": "Efterregistrera all dokumentation: avvikelser, läkemedel, det som lämnades över muntligt.",
        "en": "Register all documentation too: deviations, medicines, what was handed over by word of mouth.",
    },
    "routine.afterwards_3": {
        "sv": "Bocka av på pappret vad som är registrerat. En utsedd person ser att inget besök saknas.",
        "en": "Tick on the paper what has been registered. One person sees that no visit is missing.",
    },
    "routine.afterwards_4": {
        "sv": "Samla in alla papper, räkna dem och strimla dem.",
        "en": "Collect all papers, count them, and shred them.",
    },
    "routine.app": {"sv": "{system}-appen fungerar inte", "en": "The {system} app does not work"},
    "routine.app_1": {
        "sv": "Kommer ingen på arbetsplatsen in i appen: felanmäl till {it}.",
        "en": "If nobody at work gets into the app: report it to {it}.",
    },
    "routine.app_2": {
        "sv": "Kommer någon in är felet ditt konto eller din telefon: be en kollega titta.",
        "en": "If somebody gets in, the fault is your account or your phone: ask a colleague to look.",
    },
    "routine.app_3": {
        "sv": "Skriv ut {list} för varje medarbetare, som ovan.",
        "en": "Print {list} for each employee, as above.",
    },
    "routine.app_4": {
        "sv": "Registrera alla besök i efterhand, och all dokumentation.",
        "en": "Register all visits afterwards, and all documentation.",
    },
    "routine.by_hand": {
        "sv": "Om Reservplan självt inte fungerar: spara för hand",
        "en": "If Reservplan itself does not work: save by hand",
    },
    "routine.by_hand_1": {
        "sv": "Ta ut lista och översikt över dagens planerade besök i {system}, för varje grupp.",
        "en": "Take list and overview of the day's planned visits out of {system}, for each group.",
    },
    "routine.by_hand_2": {
        "sv": "Spara dem i {place} och på USB-minnet.",
        "en": "Save them in {place} and on the USB stick.",
    },
    "routine.by_hand_3": {
        "sv": (
            "Döp dem så här: 220621 {list} {example} och 220621 {overview} {example}, med dagens datum som år, "
            "månad, dag."
        ),
        "en": (
            "Name them like this: 220621 {list} {example} and 220621 {overview} {example}, with the date as "
            "year, month, day."
        ),
    },
    "routine.by_hand_4": {
        "sv": "Det ska finnas {back} dagar bakåt och {ahead} dagar framåt.",
        "en": "There must be {back} days back and {ahead} days ahead.",
    },
    "routine.calls": {"sv": "Nummer att ringa", "en": "Numbers to call"},
    "routine.daily": {"sv": "Planerare och samordnare: varje dag", "en": "Planners and coordinators: every day"},
    "routine.daily_1": {
        "sv": (
            "Reservplan sparar {list} och {overview} för varje grupp av sig själv: {back} dagar bakåt och "
            "{ahead} dagar framåt."
        ),
        "en": (
            "Reservplan saves {list} and {overview} of every group by itself: {back} days back and {ahead} days ahead."
        ),
    },
    "routine.daily_2": {
        "sv": (
            "Titta varje morgon i {start_page} att dagens fil finns för din grupp och att den är komplett. "
            "Saknas något: ring {it}."
        ),
        "en": (
            "Look every morning in {start_page} whether today's file is there for your group, and complete. If "
            "anything is missing: call {it}."
        ),
    },
    "routine.daily_3": {
        "sv": "Håll USB-minnet och pärmen aktuella, och byt ut papper som är gammalt.",
        "en": "Keep the USB stick and the binder current, and replace old paper.",
    },
    "routine.groups": {"sv": "Grupper", "en": "Groups"},
    "routine.groups_many": {
        "sv": "{count} grupper; alla finns i mappen.",
        "en": "{count} groups; all are in the folder.",
    },
    "routine.keep": {
        "sv": "Rutinen ska vara känd av alla och finnas på papper på arbetsplatsen.",
        "en": "This routine must be known by all, and lie on paper at work.",
    },
    "routine.long": {
        "sv": "Varken webben eller mobilerna fungerar, och IT-service säger att det blir långvarigt",
        "en": "Neither web nor phones work, and IT service says that it will take long",
    },
    "routine.long_1": {
        "sv": "Ta fram veckans fil för gruppen ur mappen eller från USB-minnet: 22v25 {list} {example}.",
        "en": "Take the group's file of the week from the folder or the USB stick: 22v25 {list} {example}.",
    },
    "routine.long_2": {"sv": "Skriv ut den aktuella veckan.", "en": "Print the current week."},
    "routine.long_3": {
        "sv": "Gå igenom den tillsammans och rätta för det som har ändrats sedan den planerades.",
        "en": "Go through it together, and correct what has changed since it was planned.",
    },
    "routine.long_4": {"sv": "Fördela de besök som inte fanns med.", "en": "Share out the visits that were not there."},
    "routine.long_5": {
        "sv": "Räcker dagarna inte: be driften om en MALL av samma veckodag. Den är ingen plan, gå igenom varje besök.",
        "en": (
            "If the days do not suffice: ask operations for a TEMPLATE of the same weekday. It is no plan, go "
            "through every visit."
        ),
    },
    "routine.more_places": {"sv": "och {count} ställen till", "en": "and {count} places more"},
    "routine.no_hint": {
        "sv": "eller be någon med dator som fungerar att anmäla",
        "en": "or ask somebody whose computer works to report it",
    },
    "routine.owner": {"sv": "Ansvarig", "en": "Owner"},
    "routine.phones": {"sv": "Mobiltelefonerna fungerar inte", "en": "The mobile phones do not work"},
    "routine.phones_1": {
        "sv": "Går det inte att ringa från arbetstelefonerna är det troligen fel på telefonnätet.",
        "en": "If nobody can call from the work phones, the telephone network is probably down.",
    },
    "routine.phones_2": {
        "sv": "Felanmäl genast till {it} från en privat telefon som fungerar, {it_hint}.",
        "en": "Report it at once to {it} from a private phone that works, {it_hint}.",
    },
    "routine.phones_3": {
        "sv": "Skriv ut {list} för varje medarbetare, som ovan.",
        "en": "Print {list} for each employee, as above.",
    },
    "routine.phones_4": {"sv": "Registrera alla besök i efterhand.", "en": "Register all visits afterwards."},
    "routine.places": {"sv": "Här ligger kopiorna", "en": "Where the copies lie"},
    "routine.print": {"sv": "Först: skriv ut dagens lista", "en": "First: print today's list"},
    "routine.print_1": {
        "sv": "Öppna mappen {place} eller USB-minnet.",
        "en": "Open the folder {place}, or the USB stick.",
    },
    "routine.print_2": {
        "sv": (
            "Dubbelklicka på {start_page}: din grupp, rätt dag. Går det inte: öppna filen som börjar med "
            "dagens datum, så här: 220621 {list} {example}."
        ),
        "en": (
            "Double-click {start_page}: your group, the right day. If that fails: open the file that begins "
            "with the day's date, like this: 220621 {list} {example}."
        ),
    },
    "routine.print_3": {
        "sv": (
            "Läs överst på pappret: rätt veckodag och datum, när den hämtades, och om den är komplett. Det som "
            "har ändrats efteråt står inte där."
        ),
        "en": (
            "Read the top of the paper: the right weekday and date, when it was captured, whether it is "
            "complete. What has changed since is not there."
        ),
    },
    "routine.print_4": {
        "sv": "Dela ut en medarbetares sidor i taget, och skriv ut {overview} till den som samordnar.",
        "en": "Hand out one employee's pages at a time, and print {overview} for who coordinates.",
    },
    "routine.review": {"sv": "Ses över senast", "en": "To be reviewed by"},
    "routine.title": {"sv": "Säkerhetsrutiner vid driftstopp", "en": "Safety routine for outages"},
    "routine.version": {"sv": "Version", "en": "Version"},
    "routine.web": {"sv": "{system} på webben fungerar inte", "en": "{system} on the web does not work"},
    "routine.web_1": {"sv": "Prova vid en annan dator.", "en": "Try at another computer."},
    "routine.web_2": {
        "sv": "Prova en annan sida på internet, till exempel {other_page}.",
        "en": "Try another page on the internet, for example {other_page}.",
    },
    "routine.web_3": {"sv": "Inga sidor fungerar: ring {it}, {it_hint}.", "en": "No pages work: call {it}, {it_hint}."},
    "routine.web_4": {
        "sv": "Andra sidor fungerar, men inte {system}: ring {vendor}.",
        "en": "Other pages work, but not {system}: call {vendor}.",
    },
    "routine.what": {"sv": "Vad är ett driftstopp?", "en": "What is an outage?"},
    "routine.what_text": {
        "sv": (
            "Ingen på arbetsplatsen kommer in i {system}, eller inga datorer fungerar. Brukarna behöver sina "
            "besök ändå: då arbetar vi från papper."
        ),
        "en": (
            "Nobody at work can get into {system}, or no computers work. The clients need their visits all the "
            "same: then we work from paper."
        ),
    },
    # --- start: the page on a store's root ---
    "start.afterwards": {
        "sv": "EFTERSKAPAD: hämtad efter att dagen var slut.",
        "en": "CREATED AFTERWARDS: captured when the day was over.",
    },
    "start.beside": {
        "sv": "{usual} är inte vår, eller har ändrats av någon. Länken går till {name}.",
        "en": "{usual} is not ours, or somebody has changed it. The link leads to {name}.",
    },
    "start.call": {"sv": "Vem ringer vi?", "en": "Whom do we call?"},
    "start.call_now": {"sv": "Ring {who}.", "en": "Call {who}."},
    "start.call_old": {
        "sv": "Listorna är gamla eller går inte att öppna",
        "en": "The lists are old or do not open",
    },
    "start.call_vendor": {
        "sv": "Internet fungerar, men inte planeringssystemet",
        "en": "The internet works, but the planning system does not",
    },
    "start.call_wrong": {"sv": "En lista eller ett besök saknas", "en": "A list or a visit is missing"},
    "start.captured": {"sv": "Hämtat {moment}", "en": "Captured {moment}"},
    "start.closed": {"sv": "Gruppen har stängt, inga besök.", "en": "The group is closed, no visits."},
    "start.counts": {"sv": "{visits} besök, {employees} medarbetare", "en": "{visits} visits, {employees} employees"},
    "start.doubt": {
        "sv": (
            "Är det en annan dag nu har kopiorna inte uppdaterats: välj rätt dag nedan, räkna med att det har "
            "ändrats, och ring {who}."
        ),
        "en": (
            "If it is another day now, the copies have not been updated: choose the right day below, expect "
            "changes, and call {who}."
        ),
    },
    "start.earlier": {"sv": "Dagarna före", "en": "The days before"},
    "start.edited": {
        "sv": "{name} är ändrad av någon, eller öppen hos någon. Det som står här gäller vår egen kopia.",
        "en": "{name} has been changed by somebody, or is open somewhere. What is said here is of our own copy.",
    },
    "start.footer": {
        "sv": (
            "SEKRETESS. Filerna gäller brukare i hemtjänsten. Lämna tillbaka utskrifter, de strimlas efter "
            "registrering."
        ),
        "en": (
            "CONFIDENTIAL. The files are about clients of home care. Hand prints back, they are shredded after "
            "registration."
        ),
    },
    "start.groups": {"sv": "Grupper", "en": "Groups"},
    "start.heading": {"sv": "Besökslistor att skriva ut vid driftstopp", "en": "Visit lists to print in an outage"},
    "start.how": {
        "sv": "Välj din grupp, öppna listan för rätt dag och skriv ut den.",
        "en": "Choose your group, open the list of the right day and print it.",
    },
    "start.kept": {
        "sv": "Vid senaste hämtningen ({moment}) var underlaget inte helt. Därför ligger en tidigare, hel kopia kvar.",
        "en": "At the latest capture ({moment}) the plan was not whole. An earlier, whole copy was therefore kept.",
    },
    "start.list_pdf": {"sv": "Lista", "en": "List"},
    "start.list_xlsx": {"sv": "Lista i Excel", "en": "List in Excel"},
    "start.missing": {"sv": "SAKNAS.", "en": "MISSING."},
    "start.moment": {"sv": "{day} kl. {time}", "en": "{day} at {time}"},
    "start.newest": {"sv": "Kopiorna hämtades senast {moment}.", "en": "The copies were last captured {moment}."},
    "start.no_earlier": {"sv": "Äldre kopior finns inte här.", "en": "There are no older copies here."},
    "start.no_list": {"sv": "Listan SAKNAS.", "en": "The list is MISSING."},
    "start.no_overview": {"sv": "Översikten SAKNAS.", "en": "The overview is MISSING."},
    "start.not_expected": {
        "sv": "Gruppen har inga kopior den här dagen.",
        "en": "The group has no copies for this day.",
    },
    "start.not_yet": {
        "sv": "Var inte hämtad när sidan skrevs. Behövs den nu: ring {who}.",
        "en": "Had not been captured when this page was written. If it is needed now, call {who}.",
    },
    "start.nothing": {
        "sv": "Här ligger inga kopior för den dagen eller dagarna efter.",
        "en": "No copies lie here for that day or those after.",
    },
    "start.older_list": {"sv": "Listan är äldre: hämtad {moment}.", "en": "The list is older: captured {moment}."},
    "start.older_overview": {
        "sv": "Översikten är äldre: hämtad {moment}.",
        "en": "The overview is older: captured {moment}.",
    },
    "start.overview_pdf": {"sv": "Översikt", "en": "Overview"},
    "start.overview_xlsx": {"sv": "Översikt i Excel", "en": "Overview in Excel"},
    "start.routine": {
        "sv": "Säkerhetsrutiner vid driftstopp, steg för steg",
        "en": "Safety routine for outages, step by step",
    },
    "start.script_clock": {
        "sv": (
            "Datorns klocka visar {day}, och det stämmer inte med sidan. Gå efter datumen som står här, inte "
            "efter klockan."
        ),
        "en": (
            "This computer's clock says {day}, which does not fit this page. Go by the dates that stand here, "
            "not by the clock."
        ),
    },
    "start.script_days": {"sv": "{count} dygn", "en": "{count} days"},
    "start.script_filter": {"sv": "Sök grupp", "en": "Find a group"},
    "start.script_found": {"sv": "{count} av {all} grupper", "en": "{count} of {all} groups"},
    "start.script_fresh": {
        "sv": "I dag är det {day}. Kopiorna är {age} gamla.",
        "en": "Today is {day}. The copies are {age} old.",
    },
    "start.script_hour": {"sv": "1 timme", "en": "1 hour"},
    "start.script_hours": {"sv": "{count} timmar", "en": "{count} hours"},
    "start.script_just_now": {"sv": "mindre än en timme", "en": "less than an hour"},
    "start.script_no_list": {
        "sv": "Ingen lista för den här dagen. Ring {planner}.",
        "en": "No list for this day. Call {planner}.",
    },
    "start.script_not_today": {"sv": "INTE I DAG", "en": "NOT TODAY"},
    "start.script_old": {
        "sv": (
            "GAMLA KOPIOR. I dag är det {day}. Kopiorna är {age} gamla och har inte uppdaterats. Räkna med att "
            "det har ändrats, och ring {it}."
        ),
        "en": (
            "OLD COPIES. Today is {day}. The copies are {age} old and have not been updated. Expect changes, "
            "and call {it}."
        ),
    },
    "start.script_today": {"sv": "I DAG", "en": "TODAY"},
    "start.script_tomorrow": {"sv": "I MORGON", "en": "TOMORROW"},
    "start.skip": {"sv": "Till listorna", "en": "To the lists"},
    "start.stale": {
        "sv": "GAMMAL: hämtad {moment}. Räkna med att det har ändrats.",
        "en": "OLD: captured {moment}. Expect changes.",
    },
    "start.stand_in": {
        "sv": "{usual} är äldre, den var öppen när den skulle bytas. Länken går till {name}.",
        "en": "{usual} is older, it was open when it was to be replaced. The link leads to {name}.",
    },
    "start.team_phone": {"sv": "Gruppens telefon", "en": "The group's phone"},
    "start.title": {
        "sv": "Läs mig först: besökslistor vid driftstopp",
        "en": "Read me first: visit lists in an outage",
    },
    "start.week": {"sv": "Hela {week} i en fil", "en": "All of {week} in one file"},
    "start.week_day": {"sv": "{count} dag", "en": "{count} day"},
    "start.week_days": {"sv": "{count} dagar", "en": "{count} days"},
    "start.written": {"sv": "Sidan skrevs {day}.", "en": "This page was written {day}."},
    # --- trace: how old the last look at a store is ---
    "trace.doubt": {
        "sv": " Är det länge sedan: gå efter vad som står på papperet, och ring {who}.",
        "en": " If that is long ago: go by what stands on the paper, and call {who}.",
    },
    "trace.frame": {"sv": "När kopiorna senast kontrollerades", "en": "When the copies were last checked"},
    "trace.looked": {"sv": "Kopiorna kontrollerades {moment}.", "en": "The copies were checked {moment}."},
    "trace.script_clock": {
        "sv": " Datorns klocka stämmer inte med det.",
        "en": " This computer's clock does not fit that.",
    },
    "trace.script_days": {"sv": "{count} dygn", "en": "{count} days"},
    "trace.script_fresh": {"sv": " Det var för {age} sedan.", "en": " That was {age} ago."},
    "trace.script_hours": {"sv": "{count} timmar", "en": "{count} hours"},
    "trace.script_minutes": {"sv": "{count} min", "en": "{count} min"},
    "trace.script_old": {
        "sv": " Det är {age} sedan, för länge. Gå efter vad som står på papperet, och ring {who}.",
        "en": " That was {age} ago, too long. Go by what stands on the paper, and call {who}.",
    },
    "trace.title": {"sv": "Senaste kontroll", "en": "Last check"},
    # --- template: a day beyond the copies ---
    "template.band": {
        "sv": "MALL, INGEN PLAN – så såg {day} ut. Gå igenom varje besök",
        "en": "TEMPLATE, NO PLAN – this is how {day} was. Go through every visit",
    },
    "template.built_on": {"sv": "Mallen bygger på {day}.", "en": "The template is made of {day}."},
    "template.damaged": {
        "sv": "Bättre kopior i arkivet är skadade ({count}): detta är den nästa som går att läsa.",
        "en": "Better copies in the archive are damaged ({count}): this is the next that can be read.",
    },
    "template.day": {"sv": "MALL för {day}", "en": "TEMPLATE for {day}"},
    "template.mark": {"sv": "MALL", "en": "TEMPLATE"},
    "template.says": {
        "sv": (
            "Detta är ingen plan. Så såg {day} ut. Brukare kan ha flyttat, blivit sjuka eller tillkommit: gå "
            "igenom varje besök tillsammans och stryk det som inte stämmer."
        ),
        "en": (
            "This is no plan. This is how {day} was. Clients may have moved, fallen ill, or be new: go through "
            "every visit together, and cross out what is not right."
        ),
    },
    "template.do_1": {
        "sv": "Gå först igenom varje besök tillsammans: stryk, rätta och lägg till.",
        "en": "First go through every visit together: strike out, correct and add.",
    },
    "template.do_2": {
        "sv": "Fördela besöken på dem som arbetar den här dagen.",
        "en": "Share the visits out among those who work on this day.",
    },
    "template.do_3": {
        "sv": "Dela ut sidorna sist. Signera varje besök, skriv utförd tid och avvikelser.",
        "en": "Hand out the pages last. Sign every visit, write time done and deviations.",
    },
    "template.week_not_whole": {
        "sv": "Veckan är inte komplett i arkivet: ingen komplett vecka har en sådan dag som går att läsa.",
        "en": "Its week is not complete in the archive: no complete week has such a day that can be read.",
    },
    # --- archive: what was read, as it is kept ---
    "archive.captured": {"sv": "Hämtat", "en": "Captured"},
    "archive.day": {"sv": "Dag", "en": "Day"},
    "archive.empty": {"sv": "Arkivet är tomt.", "en": "The archive is empty."},
    "archive.kept": {
        "sv": "Arkivet: allt från och med {first} behålls, inget är för gammalt.",
        "en": "Archive: everything from {first} on is kept, nothing is too old.",
    },
    "archive.read": {"sv": "Läst", "en": "Read"},
    "archive.other_plan": {
        "sv": "Arkivet: koden hör till en annan plan än den som gäller nu.",
        "en": "Archive: the code is of another plan than the present one.",
    },
    "archive.refused_many": {
        "sv": "Arkivet: {days} dagar skulle tas bort på en gång; högst {limit} är tillåtet. Så ser det ut efter ett "
        "uppehåll, men också när klockan är fel.",
        "en": "Archive: {days} days would be removed at once; at most {limit} are allowed. That is so after a pause, "
        "but also where the clock is wrong.",
    },
    "archive.refused_stale": {
        "sv": "Arkivet: inget är hämtat de senaste två dagarna, eller så har klockan hoppat. Det som finns är det sista"
        " som en MALL kan göras av. Kör en snapshot och sedan gallringen igen.",
        "en": "Archive: nothing was captured in the last two days, or the clock has jumped. What is there is the last "
        "that a MALL can be made of. Run a snapshot, then the retention again.",
    },
    "archive.removed": {
        "sv": "Arkivet: borttagna filer: {files}, rapporter: {reports}, mappar i mellanlagringen: {staging}.",
        "en": "Archive: files removed: {files}, reports: {reports}, folders in staging: {staging}.",
    },
    "archive.removes": {
        "sv": "Arkivet och rapporterna: dagar som är äldre än tiden som kopior sparas och tas bort: {days}.",
        "en": "Archive and reports: days that are older than copies are kept and are removed: {days}.",
    },
    "archive.removes_staging": {
        "sv": "Mellanlagringen: mappar efter avbrutna körningar som tas bort: {count} ({names}).",
        "en": "Staging: folders of runs that were cut off and are removed: {count} ({names}).",
    },
    "archive.size": {"sv": "Storlek", "en": "Size"},
    "archive.source": {"sv": "Källa", "en": "Source"},
    "archive.visits": {"sv": "Besök", "en": "Visits"},
    "archive.whole": {"sv": "Hela grupper", "en": "Whole groups"},
    # --- open: who has a file open ---
    "open.by": {
        "sv": "{store}: {path} är öppen hos {who}, enligt programmet som öppnade den.",
        "en": "{store}: {path} is open by {who}, says the program that opened it.",
    },
    # --- publishing: why a cell was written, or was not ---
    "publish.accepted": {"sv": "inga besök, och det är godkänt", "en": "no visits, and that was accepted"},
    "publish.changed_meanwhile": {
        "sv": "någon sparade en fil där under tiden, den ligger kvar, och den nya ligger bredvid som (ny …)",
        "en": "somebody saved a file there meanwhile, it stays, and the new one lies beside it as (ny …)",
    },
    "publish.closed": {"sv": "gruppen har stängt den dagen", "en": "the group is closed that day"},
    "publish.confirmed": {
        "sv": "samma innehåll, kontrollerat på nytt",
        "en": "the same content, confirmed anew",
    },
    "publish.forced": {"sv": "skriven på nytt på begäran", "en": "written anew on request"},
    "publish.intent_not_written": {
        "sv": "platsen tar inte emot filer i .reservplan, ingenting är ändrat",
        "en": "the place takes no files in .reservplan, nothing was changed",
    },
    "publish.kept_complete": {
        "sv": "den nya är ofullständig, den hela kopian ligger kvar",
        "en": "the new one is incomplete, the complete copy stays",
    },
    "publish.kept_incomplete": {
        "sv": "fortfarande ofullständig, den tidigare kopian har fler besök eller är nyare och ligger kvar",
        "en": "still incomplete, the earlier copy has more visits or is newer and stays",
    },
    "publish.kept_later": {
        "sv": "kopian som finns är hämtad senare och ligger kvar",
        "en": "the copy that lies there was captured later and stays",
    },
    "publish.kept_uncompared": {
        "sv": "den nya saknar många av besöken i kopian här och kunde inte jämföras med den, kopian ligger kvar till "
        "nästa körning",
        "en": "the new one lacks many visits of the copy here and could not be compared with it, the copy stays until "
        "the next run",
    },
    "publish.manifest_newer": {
        "sv": "en nyare version av Reservplan har skrivit dagen, ingenting är ändrat",
        "en": "a newer version of Reservplan wrote the day, nothing was changed",
    },
    "publish.manifest_not_written": {
        "sv": "filerna ligger där men är inte bekräftade, de bekräftas vid nästa körning",
        "en": "the files lie there but are not confirmed, the next run confirms them",
    },
    "publish.manifest_unreadable": {
        "sv": "dagens förteckning går inte att läsa, ingenting är ändrat",
        "en": "the day's manifest cannot be read, nothing was changed",
    },
    "publish.mended": {"sv": "skadade eller saknade filer är ersatta", "en": "damaged or missing files were replaced"},
    "publish.mended_partly": {
        "sv": "en skadad eller saknad fil är ersatt från en sämre kopia, de andra är bättre och ligger kvar",
        "en": "a damaged or missing file was replaced from a worse copy, the others are better and stay",
    },
    "publish.new": {"sv": "ny", "en": "new"},
    "publish.no_visits": {
        "sv": "inga besök i källan fast gruppen har öppet, det som finns ligger kvar",
        "en": "no visits in the source though the group is open, what lies there stays",
    },
    "publish.not_as_written": {
        "sv": "filerna ligger inte som de skrevs, de skrivs på nytt vid nästa körning",
        "en": "the files are not as they were written, the next run writes them again",
    },
    "publish.not_covered": {
        "sv": "källan saknar dagen, det som finns ligger kvar",
        "en": "the source lacks the day, what lies there stays",
    },
    "publish.not_noted": {
        "sv": "varför kopior är ofullständiga kunde inte noteras där, se rapporten",
        "en": "why copies are incomplete could not be noted there, see the report",
    },
    "publish.not_rendered": {
        "sv": "kunde inte framställas, det som finns ligger kvar",
        "en": "could not be rendered, what lies there stays",
    },
    "publish.not_written": {
        "sv": "kunde inte skrivas, det som finns ligger kvar",
        "en": "could not be written, what lies there stays",
    },
    "publish.now_whole": {
        "sv": "hel, ersätter en ofullständig",
        "en": "complete, replaces an incomplete one",
    },
    "publish.older_but_whole": {
        "sv": "äldre men hel, ersätter en ofullständig",
        "en": "older but complete, replaces an incomplete one",
    },
    "publish.outside_window": {
        "sv": "dagen är utanför de dagar som sparas",
        "en": "the day is outside the days that are kept",
    },
    "publish.partly_written": {
        "sv": "några filer kunde inte skrivas, de äldre ligger kvar",
        "en": "some files could not be written, the older ones stay",
    },
    "publish.renewed": {
        "sv": "samma innehåll, skriven på nytt med dagens klockslag",
        "en": "the same content, written anew with today's time",
    },
    "publish.still_incomplete": {
        "sv": "nyare men fortfarande ofullständig",
        "en": "newer but still incomplete",
    },
    "publish.stood_in": {
        "sv": "en fil är öppen eller skrivskyddad, den nya ligger bredvid som (ny …)",
        "en": "a file is open or protected, the new one lies beside it as (ny …)",
    },
    "publish.store_unreachable": {
        "sv": "platsen går inte att nå, ingenting är ändrat",
        "en": "the place cannot be reached, nothing was changed",
    },
    "publish.superseded": {
        "sv": "en annan körning har skrivit gruppen sedan dess",
        "en": "another run has written the group since",
    },
    "publish.unchanged": {"sv": "oförändrad", "en": "unchanged"},
    "publish.updated": {"sv": "uppdaterad", "en": "updated"},
    # --- extract: what is wrong with an export ---
    "extract.do_cut_off": {
        "sv": "Vänta tills filen är färdig, eller spara den igen.",
        "en": "Wait until the file is finished, or save it again.",
    },
    "extract.do_damaged": {"sv": "Spara exporten igen.", "en": "Save the export again."},
    "extract.do_damaged_fresh": {
        "sv": "Vänta tills filen är färdigkopierad, eller spara den igen.",
        "en": "Wait until the file is copied, or save it again.",
    },
    "extract.do_empty": {"sv": "Spara exporten igen.", "en": "Save the export again."},
    "extract.do_encoding": {
        "sv": "Spara filen som UTF-8, eller ange source.encoding.",
        "en": "Save the file as UTF-8, or set source.encoding.",
    },
    "extract.do_gone": {"sv": "Spara exporten igen.", "en": "Save the export again."},
    "extract.do_growing": {"sv": "Den läses igen om en stund.", "en": "It is read again in a while."},
    "extract.do_heading_missing": {
        "sv": "Lägg till kolumnen i exporten, eller ändra {keys} i inställningarna.",
        "en": "Add the column to the export, or change {keys} in the settings.",
    },
    "extract.do_heading_twice": {
        "sv": "Ge den ena kolumnen en annan rubrik i exporten.",
        "en": "Give one of the columns another heading in the export.",
    },
    "extract.do_locked": {
        "sv": "Stäng filen i det program som har den öppen, och kontrollera behörigheten.",
        "en": "Close the file in the program that has it open, and check the permissions.",
    },
    "extract.do_no_headings": {
        "sv": "Kontrollera att filen är exporten med besök, och rubrikerna i source.columns.",
        "en": "Check that the file is the export of visits, and the headings in source.columns.",
    },
    "extract.do_no_rows": {"sv": "Spara exporten igen med besök.", "en": "Save the export again with visits."},
    "extract.do_no_sheet": {"sv": "Ange rätt blad i source.sheet.", "en": "Name the right sheet in source.sheet."},
    "extract.do_no_title": {
        "sv": "Kontrollera source.title mot raderna ovanför rubrikerna.",
        "en": "Check source.title against the rows above the headings.",
    },
    "extract.do_no_workbook": {
        "sv": "Spara exporten som .xlsx eller .csv.",
        "en": "Save the export as .xlsx or .csv.",
    },
    "extract.do_other_sheet": {
        "sv": "Ange det bladet i source.sheet.",
        "en": "Name that sheet in source.sheet.",
    },
    "extract.do_password": {
        "sv": "Spara exporten utan lösenord som .xlsx eller .csv.",
        "en": "Save the export without a password as .xlsx or .csv.",
    },
    "extract.do_unknown_encoding": {
        "sv": "Ange till exempel auto, utf-8 eller cp1252 i source.encoding.",
        "en": "Set source.encoding to auto, utf-8 or cp1252, for example.",
    },
    "extract.do_unreadable_rows": {
        "sv": "Rätta dem i planeringen, eller kolumnerna i source.columns. Ett datum skrivs 2026-11-22.",
        "en": "Mend them in the plan, or the columns in source.columns. A date is written 2026-11-22.",
    },
    "extract.fault_cut_off": {
        "sv": "{file} tar slut mitt i rad {row}.",
        "en": "{file} ends in the middle of row {row}.",
    },
    "extract.fault_damaged": {
        "sv": "{file} är skadad och går inte att öppna.",
        "en": "{file} is damaged and cannot be opened.",
    },
    "extract.fault_damaged_fresh": {
        "sv": "{file} är inte hel än, eller skadad.",
        "en": "{file} is not whole yet, or damaged.",
    },
    "extract.fault_empty": {"sv": "{file} är tom.", "en": "{file} is empty."},
    "extract.fault_encoding": {
        "sv": "{file} har en okänd teckenkodning, rad {row}.",
        "en": "{file} has an unknown character encoding, row {row}.",
    },
    "extract.fault_gone": {
        "sv": "{file} gick inte att läsa ({error}).",
        "en": "{file} could not be read ({error}).",
    },
    "extract.fault_growing": {
        "sv": "{file} skrivs just nu.",
        "en": "{file} is being written right now.",
    },
    "extract.fault_heading_missing": {
        "sv": "{file} saknar kolumnen {missing} på rad {row}; rubriker där som inställningarna inte nämner: "
        "{others} st, liknande: {alike}.",
        "en": "{file} lacks the column {missing} in row {row}; headings there that the settings do not name: {others}, "
        "alike: {alike}.",
    },
    "extract.fault_heading_twice": {
        "sv": "{file} har rubriken {heading} två gånger på rad {row}.",
        "en": "{file} has the heading {heading} twice in row {row}.",
    },
    "extract.fault_locked": {
        "sv": "{file} är låst eller får inte läsas.",
        "en": "{file} is locked or may not be read.",
    },
    "extract.fault_no_headings": {
        "sv": "{file} har inga rubriker bland de första {rows} raderna; väntade: {wanted}.",
        "en": "{file} has no headings among its first {rows} rows; expected: {wanted}.",
    },
    "extract.fault_no_rows": {"sv": "{file} har inga rader med besök.", "en": "{file} holds no rows with visits."},
    "extract.fault_no_sheet": {
        "sv": "{file} saknar bladet {sheet}; inget av dess {sheets} blad har rubrikerna.",
        "en": "{file} lacks the sheet {sheet}; none of its {sheets} sheets has the headings.",
    },
    "extract.fault_no_title": {
        "sv": "{file} saknar en titel som {title} ovanför rubrikerna.",
        "en": "{file} has no title like {title} above its headings.",
    },
    "extract.fault_no_workbook": {
        "sv": "{file} är ingen arbetsbok fast namnet slutar på {suffix}.",
        "en": "{file} is no workbook although its name ends in {suffix}.",
    },
    "extract.fault_other_sheet": {
        "sv": "{file}: bladet {sheet} har inte rubrikerna, men bladet {fitting} har dem.",
        "en": "{file}: the sheet {sheet} does not have the headings, but the sheet {fitting} does.",
    },
    "extract.fault_password": {
        "sv": "{file} har lösenord eller är i det gamla formatet .xls.",
        "en": "{file} has a password or is in the old format .xls.",
    },
    "extract.fault_unknown_encoding": {
        "sv": "{file}: teckenkodningen {encoding} finns inte.",
        "en": "{file}: there is no character encoding {encoding}.",
    },
    "extract.fault_unreadable_rows": {
        "sv": "{file} har {count} rader, och ingen går att läsa, till exempel rad {rows}.",
        "en": "{file} holds {count} rows, and none can be read, for example row {rows}.",
    },
    "extract.protected_client": {
        "sv": "Skyddad uppgift – kontakta {whom}",
        "en": "Protected identity – contact {whom}",
    },
    "extract.too_old": {
        "sv": "Exporten var {hours} timmar gammal när den lästes; högst {limit} är tillåtet.",
        "en": "The export was {hours} hours old when it was read; at most {limit} are allowed.",
    },
    # --- validation: why a cell is not simply complete ---
    "telling.same_rules": {
        "sv": "Av samma skäl, med andra tal: {cells}.",
        "en": "For the same reasons, with other numbers: {cells}.",
    },
    "validate.accepted": {"sv": "godkänd som den är {day}", "en": "accepted as it is on {day}"},
    "validate.as_on_sundays": {"sv": "en söndag eller helgdag", "en": "on a Sunday or public holiday"},
    "validate.all_cancelled": {
        "sv": "alla {cancelled} besök är inställda i underlaget",
        "en": "all {cancelled} visits are cancelled in the source",
    },
    "validate.blank_columns": {
        "sv": "insatser eller adresser saknas på alla besök. Kontrollera att exporten tog med dem.",
        "en": "activities or addresses are missing on all visits. See that the export took them in.",
    },
    "validate.do_far_more_than_usual": {
        "sv": "Be {planner} se efter att exporten inte har dubbla rader eller fler grupper. Är det rätt, till "
        "exempel två grupper som slagits ihop: godkänn dagen (reservplan accept), eller sätt active_from på gruppen.",
        "en": "Ask {planner} to see that the export has no double rows and no other groups. If it is right, as when "
        "two groups are merged: accept the day (reservplan accept), or set the group's active_from.",
    },
    "validate.do_file_fault": {
        "sv": "Spara gruppens export igen och kör en snapshot.",
        "en": "Save the group's export again and run a snapshot.",
    },
    "validate.do_in_two_places_many": {
        "sv": "Be {planner} spara exporten igen. Planeras gruppen alltid så: höj in_two_places_share.",
        "en": "Ask {planner} to save the export again. If the group is always planned like that: raise "
        "in_two_places_share in the settings.",
    },
    "validate.do_no_visits": {
        "sv": "Be {planner} se efter att exporten tar med gruppen. Har gruppen stängt: godkänn dagen (reservplan "
        "accept) eller sätt closed; har den upphört: sätt active_until; heter den nu något annat i exporten: koppla "
        "namnet i source.teams.",
        "en": "Ask {planner} to see that the export includes the group. If it is closed: accept the day (reservplan "
        "accept) or set closed; if it has ended: set active_until; if it has another name in the export now: map that "
        "in source.teams.",
    },
    "validate.do_not_covered": {
        "sv": "Spara en export som har dagen. Är dagen förbi: be {vendor} om ett uttag för den.",
        "en": "Save an export that has the day. If the day is past: ask {vendor} for an extract of it.",
    },
    "validate.do_rows_unreadable_many": {
        "sv": "Be {planner} rätta raderna, som står på första sidan, eller rätta kolumnerna i inställningarna.",
        "en": "Ask {planner} to mend the rows, which stand on the first page, or mend the columns in the settings.",
    },
    "validate.do_source_too_old": {
        "sv": "Spara en ny export. Går det inte: ring {vendor}.",
        "en": "Save a new export. If that is not possible: call {vendor}.",
    },
    "validate.do_times_shifted": {
        "sv": "Be {planner} kontrollera tiderna i exporten mot planeringssystemet. Stämmer de: godkänn dagen "
        "(reservplan accept).",
        "en": "Ask {planner} to compare the times of the export with the planning system. If they are right: "
        "accept the day (reservplan accept).",
    },
    "validate.do_total_differs": {
        "sv": "Be {planner} spara exporten igen. Räknar källan på ett annat sätt: godkänn dagen (reservplan accept).",
        "en": "Ask {planner} to save the export again. If the source counts in another way: accept the day (reservplan "
        "accept).",
    },
    "validate.do_too_few": {
        "sv": "Be {planner} se efter att exporten har alla slingor och hela dagen. Är det rätt, till exempel för "
        "att besök flyttats till en annan grupp: godkänn dagen (reservplan accept). Har gruppen ändrats för "
        "gott: sätt dess active_from.",
        "en": "Ask {planner} to see that the export has all routes and the whole day. If it is right, as when "
        "visits belong to another group now: accept the day (reservplan accept). If the group has changed "
        "for good: set its active_from.",
    },
    "validate.do_unknown_team": {
        "sv": "Lägg gruppen i teams, koppla den i source.teams, eller lägg den i source.ignore_teams.",
        "en": "Put the group in teams, map it in source.teams, or put it in source.ignore_teams.",
    },
    "validate.do_unprotected": {
        "sv": "Be {planner} se efter att exporten märker skyddade uppgifter. Är skyddet upphävt: godkänn dagen "
        "(reservplan accept).",
        "en": "Ask {planner} to see that the export marks protected people. If the protection has ended: accept "
        "the day (reservplan accept).",
    },
    "validate.duplicate_id": {
        "sv": "{count} besök hade samma id som ett annat; båda står med",
        "en": "{count} visits had another visit's id; both are here",
    },
    "validate.duplicates": {
        "sv": "{count} av raderna stod dubbelt i underlaget och är med en gång",
        "en": "{count} of the rows stood twice in the source and are here once",
    },
    "validate.far_fewer_than_usual": {
        "sv": "{visits} besök, brukar vara {usual}. Kontrollera att exporten tog med alla slingor.",
        "en": "{visits} visits, usually {usual}. See that the export took in all routes.",
    },
    "validate.far_more_than_usual": {
        "sv": "{visits} besök, brukar vara {usual}. Kontrollera att exporten inte har samma rader flera gånger.",
        "en": "{visits} visits, usually {usual}. See that the export does not have the same rows several times.",
    },
    "validate.fewer_than_usual": {
        "sv": "{visits} besök, brukar vara {usual}",
        "en": "{visits} visits, usually {usual}",
    },
    "validate.future_time": {
        "sv": "exportens filtid ligger i framtiden: kontrollera klockan på datorn som sparar den",
        "en": "the export's file time lies in the future: check the clock of the machine that saves it",
    },
    "validate.hours_empty": {
        "sv": "inga besök börjar kl. {hours}, då det brukar vara {missed}. Kontrollera att exporten har hela dagen.",
        "en": "no visits begin at {hours}, when there usually are {missed}. See that the export has the whole day.",
    },
    "validate.in_two_places": {
        "sv": "{count} besök börjar medan medarbetaren är på ett annat",
        "en": "{count} visits begin while the employee is at another",
    },
    "validate.in_two_places_many": {
        "sv": "{count} av {visits} besök börjar medan medarbetaren är på ett annat. Kontrollera exportens tider "
        "och medarbetare.",
        "en": "{count} of {visits} visits begin while the employee is at another. See the times and employees of "
        "the export.",
    },
    "validate.masked": {
        "sv": "{count} personnummer eller uppgifter om skyddade personer i fri text är dolda",
        "en": "{count} identity numbers or details of protected people in free text are hidden",
    },
    "validate.more_than_usual": {
        "sv": "{visits} besök, brukar vara {usual}",
        "en": "{visits} visits, usually {usual}",
    },
    "validate.moved_clock": {
        "sv": "{count} tider som inte finns (omställning till sommartid) är flyttade en timme framåt",
        "en": "{count} times that do not exist (clocks go forward) were moved on by an hour",
    },
    "validate.no_visits": {
        "sv": "inga besök i underlaget för den här dagen",
        "en": "no visits in the source for this day",
    },
    "validate.not_covered": {
        "sv": "dagen finns inte i underlaget",
        "en": "the day is not in the source",
    },
    "validate.not_covered_past": {
        "sv": "dagen finns varken i arkivet eller i underlaget",
        "en": "the day is neither in the archive nor in the source",
    },
    "validate.other_file": {
        "sv": "{count} besök kom ur en fil som heter en annan dag eller grupp: se efter att exporten är rätt sparad",
        "en": "{count} visits came from a file named for another day or group: see that the export is saved right",
    },
    "validate.outside_shift": {
        "sv": "{count} besök ligger utanför medarbetarens pass",
        "en": "{count} visits lie outside the employee's shift",
    },
    "validate.protected": {
        "sv": "{count} besök hos brukare med skyddade uppgifter: kontakta den som anges",
        "en": "{count} visits to clients with protected identity: contact whoever is named there",
    },
    "validate.rows_unreadable": {
        "sv": "{count} av raderna kunde inte läsas",
        "en": "{count} of the rows could not be read",
    },
    "validate.rows_unreadable_many": {
        "sv": "{count} av raderna kunde inte läsas: besök kan saknas",
        "en": "{count} of the rows could not be read: visits may be missing",
    },
    "validate.rule_accepted": {"sv": "Godkänt som det är", "en": "Accepted as it is"},
    "validate.rule_blank_columns": {
        "sv": "Insatser eller adresser saknas på alla besök",
        "en": "Activities or addresses missing on all visits",
    },
    "validate.rule_duplicate_id": {"sv": "Två besök med samma id", "en": "Two visits with one id"},
    "validate.rule_duplicates": {"sv": "Samma rad två gånger", "en": "The same row twice"},
    "validate.rule_far_fewer_than_usual": {
        "sv": "Mycket färre besök än vanligt",
        "en": "Far fewer visits than usual",
    },
    "validate.rule_far_more_than_usual": {"sv": "Mycket fler besök än vanligt", "en": "Far more visits than usual"},
    "validate.rule_fewer_than_usual": {"sv": "Färre besök än vanligt", "en": "Fewer visits than usual"},
    "validate.rule_file_fault": {
        "sv": "Gruppens fil går inte att läsa",
        "en": "The group's file cannot be read",
    },
    "validate.rule_future_time": {
        "sv": "Exportens tid ligger i framtiden",
        "en": "The export's time lies in the future",
    },
    "validate.rule_hours_empty": {
        "sv": "Timmar utan besök som brukar ha flera",
        "en": "Hours without visits that usually have several",
    },
    "validate.rule_in_two_places": {
        "sv": "En medarbetare på två ställen samtidigt",
        "en": "An employee in two places at once",
    },
    "validate.rule_in_two_places_many": {
        "sv": "Många medarbetare på två ställen samtidigt",
        "en": "Many employees in two places at once",
    },
    "validate.rule_masked": {"sv": "Personnummer i fri text", "en": "Identity numbers in free text"},
    "validate.rule_more_than_usual": {"sv": "Fler besök än vanligt", "en": "More visits than usual"},
    "validate.rule_moved_clock": {
        "sv": "Tider som inte finns när klockan ställs om",
        "en": "Times that do not exist when clocks change",
    },
    "validate.rule_no_visits": {"sv": "Inga besök fast gruppen har öppet", "en": "No visits though the group is open"},
    "validate.rule_not_covered": {"sv": "Dagen finns inte i underlaget", "en": "The day is not in the source"},
    "validate.rule_other_file": {
        "sv": "Besök ur en fil med en annan dags eller grupps namn",
        "en": "Visits from a file named for another day or group",
    },
    "validate.rule_outside_shift": {"sv": "Besök utanför passet", "en": "Visits outside the shift"},
    "validate.rule_protected": {"sv": "Skyddade uppgifter", "en": "Protected identities"},
    "validate.rule_rows_unreadable": {
        "sv": "Någon rad som inte går att läsa",
        "en": "A row that cannot be read",
    },
    "validate.rule_rows_unreadable_many": {
        "sv": "Många rader som inte går att läsa",
        "en": "Many rows that cannot be read",
    },
    "validate.rule_source_too_old": {"sv": "Exporten är för gammal", "en": "The export is too old"},
    "validate.rule_staffed_alone": {
        "sv": "Dubbelbemanning med bara en medarbetare",
        "en": "Double staffing with one employee only",
    },
    "validate.rule_times_shifted": {
        "sv": "Alla tider flyttade lika mycket",
        "en": "All times moved by the same span",
    },
    "validate.rule_total_differs": {
        "sv": "Källans egen summa är en annan",
        "en": "The source's own total differs",
    },
    "validate.rule_unassigned_many": {"sv": "Många besök utan medarbetare", "en": "Many visits without an employee"},
    "validate.rule_unknown_status": {"sv": "Okänd status", "en": "Unknown status"},
    "validate.rule_unknown_team": {
        "sv": "Gruppen finns inte i inställningarna",
        "en": "The group is not in the settings",
    },
    "validate.rule_unprotected": {
        "sv": "Skyddade besök som har fått namn",
        "en": "Protected visits that have got a name",
    },
    "validate.rule_visits_gone": {
        "sv": "Besök borta sedan förra kopian",
        "en": "Visits gone since the earlier copy",
    },
    "validate.rule_visits_gone_many": {
        "sv": "Många besök borta sedan förra kopian",
        "en": "Many visits gone since the earlier copy",
    },
    "validate.span_earlier": {"sv": "{minutes} minuter tidigare", "en": "{minutes} minutes earlier"},
    "validate.span_later": {"sv": "{minutes} minuter senare", "en": "{minutes} minutes later"},
    "validate.staffed_alone": {
        "sv": "{count} besök med dubbelbemanning saknar en andra medarbetare vid samma tid",
        "en": "{count} visits with double staffing have no second employee at the same time",
    },
    "validate.times_shifted": {
        "sv": "{count} av {earlier} besök börjar {span} än i den förra kopian. Kontrollera exportens tidszon.",
        "en": "{count} of {earlier} visits begin {span} than in the earlier copy. See the time zone of the export.",
    },
    "validate.total_differs": {
        "sv": "underlaget säger {total} besök, men {count} kunde läsas",
        "en": "the source says {total} visits, but {count} could be read",
    },
    "validate.unassigned_many": {
        "sv": "{count} av {visits} besök är inte tilldelade",
        "en": "{count} of {visits} visits are unassigned",
    },
    "validate.unknown_status": {
        "sv": "{count} besök har en okänd status och räknas som planerade",
        "en": "{count} visits have an unknown status and count as planned",
    },
    "validate.unknown_team": {
        "sv": "gruppen finns inte i inställningarna",
        "en": "the group is not in the settings",
    },
    "validate.unprotected": {
        "sv": "{count} besök hade skydd i den förra kopian och ser ut att ha namn nu. Kontrollera att exporten "
        "märker skyddade uppgifter.",
        "en": "{count} visits had protection in the earlier copy and seem to have a name now. See that the export "
        "marks protected people.",
    },
    "validate.visits_gone": {
        "sv": "{count} av {earlier} besök i den förra kopian är borta utan att vara inställda",
        "en": "{count} of the {earlier} visits in the earlier copy are gone and not cancelled",
    },
    "validate.visits_gone_many": {
        "sv": "{count} av {earlier} besök i den förra kopian är borta utan att vara inställda",
        "en": "{count} of the {earlier} visits in the earlier copy are gone and not cancelled",
    },
    # --- month: the manager's report ---
    "month.below": {
        "sv": "{organisation} · {first} – {last} · gjord {made}",
        "en": "{organisation} · {first} – {last} · made {made}",
    },
    "month.cause_airflow": {"sv": "Airflow", "en": "Airflow"},
    "month.cause_clock": {"sv": "fel klocka", "en": "wrong clock"},
    "month.cause_damaged": {"sv": "skadad fil", "en": "damaged file"},
    "month.cause_edited": {"sv": "ändrad fil", "en": "edited file"},
    "month.cause_incomplete": {"sv": "ofullständig plan", "en": "incomplete plan"},
    "month.cause_missing": {"sv": "fil borta", "en": "file gone"},
    "month.cause_not_healed": {"sv": "gick inte att göra om", "en": "could not be made again"},
    "month.cause_not_saved": {"sv": "inte sparat i tid", "en": "not saved in time"},
    "month.cause_open": {"sv": "fil öppen", "en": "file open"},
    "month.cause_other": {"sv": "övriga", "en": "others"},
    "month.cause_overdue": {"sv": "gamla kopior kvar", "en": "old copies left"},
    "month.cause_record": {"sv": "oläslig förteckning", "en": "unreadable record"},
    "month.cause_retention": {"sv": "gallring nekad", "en": "removal refused"},
    "month.cause_run_failed": {"sv": "körning misslyckad", "en": "failed run"},
    "month.cause_store_away": {"sv": "lager borta", "en": "store away"},
    "month.cause_stray": {"sv": "okända filer", "en": "unknown files"},
    "month.cause_unknown_team": {"sv": "okänd grupp", "en": "unknown group"},
    "month.column_days": {"sv": "Dag för dag", "en": "Day by day"},
    "month.column_gap": {"sv": "Längsta lucka", "en": "Longest gap"},
    "month.column_share": {"sv": "Hela dagar", "en": "Whole days"},
    "month.column_team": {"sv": "Grupp", "en": "Group"},
    "month.deleted": {
        "sv": "I tid {intime} av {seen} dagar som kontrollerats ({share}).",
        "en": "In time on {intime} of {seen} days looked at ({share}).",
    },
    "month.drill_failed": {"sv": "{day} underkänd (grupper: {count})", "en": "{day} failed (groups: {count})"},
    "month.drill_passed": {"sv": "{day} godkänd (grupper: {count})", "en": "{day} passed (groups: {count})"},
    "month.drills": {
        "sv": "{count}: {told}.",
        "en": "{count}: {told}.",
    },
    "month.drills_none": {"sv": "Ingen övning är gjord.", "en": "No drill was done."},
    "month.fact_deleted": {"sv": "Gallring", "en": "Deletion"},
    "month.fact_drills": {"sv": "Övningar", "en": "Drills"},
    "month.fact_healed": {"sv": "Gjort om", "en": "Made again"},
    "month.fact_incidents": {"sv": "Larm", "en": "Incidents"},
    "month.fact_looked": {"sv": "Övervakning", "en": "Watch"},
    "month.facts_heading": {"sv": "Gallring, övningar och larm", "en": "Deletion, drills and incidents"},
    "month.footer": {
        "sv": "Grupper och antal, inga personuppgifter. Gjord av Reservplan ur övervakningens historik.",
        "en": "Groups and counts, no personal data. Made by Reservplan from the watch's history.",
    },
    "month.groups_heading": {"sv": "Fanns dagens kopior?", "en": "Were the day's copies there?"},
    "month.healed": {
        "sv": "{count} kopior som fattades eller var skadade gjordes om utan handpåläggning.",
        "en": "{count} copies that were missing or damaged were made again without anybody's help.",
    },
    "month.how": {
        "sv": "Hel dag: varje kontroll från kl. {due_by} fann gruppens lista och översikt för dagen hela, "
        "oförändrade och nog färska på varje lager; ett lager som inte kunde nås räknas som att kopian "
        "saknades. Andelen räknas på dagar som kontrollerats; den avrundas nedåt. Längsta lucka: från den "
        "första kontroll, när som helst på dygnet, som inte fann dagens kopia hel till nästa som gjorde det. "
        "Larm: det som berättats för driften och pågick under månaden; längden räknas från början, även före "
        "månaden. Gallring i tid: dagar då ingen kontroll fann kopior äldre än {days_back} dagar kvar efter "
        "gallringen. Övervakning: tiden utan uppehåll längre än {silent} minuter mellan två kontroller.",
        "en": "Whole day: every look from {due_by} on found the group's list and overview of the day whole, "
        "unchanged and fresh enough on every store; a store that could not be reached counts as if the copy "
        "were missing. The share is of days that were looked at, rounded down. Longest gap: from the first "
        "look, at any hour, that did not find the day's copy whole to the next that did. Incidents: what "
        "operations were told and lasted in the month; counted from its beginning, also before the month. "
        "Deletion in time: days on which no look found copies older than {days_back} days left after the "
        "removal. Watch: the time without a pause longer than {silent} minutes between two looks.",
    },
    "month.how_heading": {"sv": "Så är det räknat", "en": "How it is counted"},
    "month.incidents": {
        "sv": "{count}, varav {critical} kritiska; {open} ej avslutade. Längst: {longest} ({cause}). Antal: {causes}.",
        "en": "{count}, {critical} of them critical; {open} not ended. Longest: {longest} ({cause}). Causes: {causes}.",
    },
    "month.incidents_none": {"sv": "Inga.", "en": "None."},
    "month.key": {
        "sv": "Grå ruta: hel. Svart ×: inte hel. ?: ingen tittade. –: stängd. Tom: inte aktuell.",
        "en": "Grey: whole. Black ×: not whole. ?: nobody looked. –: closed. Empty: not expected.",
    },
    "month.lasted_days": {"sv": "{days} dygn", "en": "{days} days"},
    "month.looked": {
        "sv": "{share} av tiden. Tyst sammanlagt {silent}.",
        "en": "{share} of the time. Silent for {silent} in all.",
    },
    "month.more_perfect": {
        "sv": "Grupper med hela kopior varje dag som kontrollerades, och inte i listan: {count}.",
        "en": "Groups with whole copies every day that was looked at, and not in the list: {count}.",
    },
    "month.more_short": {
        "sv": "Grupper med brister som inte får plats i listan: {count}.",
        "en": "Groups that fell short and have no room in the list: {count}.",
    },
    "month.none": {"sv": "Ingen historik finns för {month}.", "en": "There is no history of {month}."},
    "month.none_do": {"sv": "Välj en månad som finns: {kept}.", "en": "Choose a month that is kept: {kept}."},
    "month.running": {
        "sv": "Månaden pågår; rapporten gäller till den tid då den gjordes.",
        "en": "The month is not over; the report holds until the time at which it was made.",
    },
    "month.sign_date": {"sv": "Datum", "en": "Date"},
    "month.sign_signature": {"sv": "Underskrift", "en": "Signature"},
    "month.sign_who": {"sv": "Namn och roll", "en": "Name and role"},
    "month.sum_drills": {"sv": "Övningar som underkändes: {count}.", "en": "Drills that failed: {count}."},
    "month.sum_good": {
        "sv": "Månaden var bra: varje grupp hade hela kopior varje dag, och allt gallrades i tid.",
        "en": "The month was good: every group had whole copies every day, and all was deleted in time.",
    },
    "month.sum_overdue": {
        "sv": "Dagar då gamla kopior låg kvar: {count}.",
        "en": "Days on which old copies were left: {count}.",
    },
    "month.sum_short": {
        "sv": "{count} av {of} grupper saknade hela kopior minst en dag. Flest dagar: {team}, {days}.",
        "en": "{count} of {of} groups lacked whole copies on at least one day. Most days: {team}, {days}.",
    },
    "month.sum_unseen": {
        "sv": "Dagar då ingen tittade, som inget går att säga om: {count}.",
        "en": "Days on which nobody looked, of which nothing can be said: {count}.",
    },
    "month.sum_unseen_only": {
        "sv": "Varje dag som kontrollerades hade varje grupp hela kopior.",
        "en": "On every day that was looked at every group had whole copies.",
    },
    "month.sum_whole": {
        "sv": "Varje grupp hade hela kopior varje dag.",
        "en": "Every group had whole copies every day.",
    },
    "month.title": {"sv": "Reservplan {month}", "en": "Reservplan {month}"},
    "month.told": {
        "sv": "{whole} hela dagar, {short} inte hela, {unseen} ingen tittade, {closed} stängda",
        "en": "{whole} whole days, {short} not whole, {unseen} nobody looked, {closed} closed",
    },
    # --- retention: the deletion plan ---
    "retain.changed": {
        "sv": "{store}: det som ligger där har ändrats sedan planen gjordes, så inget togs bort.",
        "en": "{store}: what lies there has changed since the plan was made, so nothing was removed.",
    },
    "retain.confirm": {
        "sv": "Läs hela planen (reservplan retain). Stämmer den, bekräfta den: {command} (eller i Airflow: starta "
        "reservplan_retain med confirm = {code}). Koden gäller bara den här planen, bara i dag, en gång.",
        "en": "Read the whole plan (reservplan retain). If it is right, confirm it: {command} (or in Airflow: trigger "
        "reservplan_retain with confirm = {code}). The code is for this very plan, for today, once.",
    },
    "retain.do_changed": {
        "sv": "Kör gallringen igen: då görs en ny plan.",
        "en": "Run the retention again: it makes a new plan.",
    },
    "retain.failed_busy": {
        "sv": "{path}: öppen hos någon; försöks igen vid nästa gallring. Stäng filen.",
        "en": "{path}: somebody has it open; the next retention tries again. Close the file.",
    },
    "retain.failed_changed": {
        "sv": "{path}: ändrades under tiden och rörs därför inte; nästa gallring avgör.",
        "en": "{path}: it was changed meanwhile and is left alone; the next retention decides.",
    },
    "retain.failed_denied": {
        "sv": "{path}: kontot får inte ändra den ({detail}). Ge det rätt till filen och mappen.",
        "en": "{path}: the account may not change it ({detail}). Give it the right to file and folder.",
    },
    "retain.failed_failed": {
        "sv": "{path}: kunde inte skrivas ({detail}); försöks igen vid nästa gallring.",
        "en": "{path}: could not be written ({detail}); the next retention tries again.",
    },
    "retain.failed_missing": {
        "sv": "{path}: finns inte mer; nästa gallring rättar förteckningen.",
        "en": "{path}: is there no more; the next retention mends its record.",
    },
    "retain.heading": {
        "sv": "{store}: gallring; allt från och med {first} behålls",
        "en": "{store}: retention; everything from {first} on is kept",
    },
    "retain.keeps": {"sv": "behålls", "en": "keep  "},
    "retain.leftovers": {
        "sv": "tillfälliga filer efter avbrutna körningar",
        "en": "temporary files of runs that were cut off",
    },
    "retain.not_confirmable": {
        "sv": "Detta kan ingen bekräfta: felet måste avhjälpas först, och gallringen sedan köras igen.",
        "en": "Nobody can confirm this: the fault must be mended first; then run the retention again.",
    },
    "retain.nothing_removed": {"sv": "Inget togs bort.", "en": "Nothing was removed."},
    "retain.other_plan": {
        "sv": "{store}: koden hör till en annan plan än den som gäller nu.",
        "en": "{store}: the code is of another plan than the present one.",
    },
    "retain.reason_damaged": {
        "sv": "går inte att öppna och är inte som vi skrev den: ta bort för hand, eller med --include-edited",
        "en": "does not open and is not as we wrote it: remove by hand, or with --include-edited",
    },
    "retain.reason_edited": {
        "sv": "ändrad av någon, eller öppen: ta bort för hand, eller med --include-edited",
        "en": "changed by somebody, or open: remove by hand, or with --include-edited",
    },
    "retain.reason_foreign": {
        "sv": "inte skriven av Reservplan: rörs aldrig, ta bort för hand om den är för gammal",
        "en": "not written by Reservplan: never touched, remove by hand if it is too old",
    },
    "retain.reason_old": {"sv": "äldre än tiden som kopior sparas", "en": "older than copies are kept"},
    "retain.reason_other_day": {
        "sv": "namnet är en annan dags än förteckningens: rörs inte, se docs/runbooks/manifest-damaged.md",
        "en": "its name is of another day than its record: not touched, see docs/runbooks/manifest-damaged.md",
    },
    "retain.refused": {"sv": "VÄGRAR: {words}", "en": "REFUSES: {words}"},
    "retain.refused_backwards": {
        "sv": "{store}: i dag är {today} här, men senaste gallringen var {last}. Med fel dag tas fel kopior bort. Är "
        "dagen fel: ställ klockan rätt och kör igen.",
        "en": "{store}: today is {today} here, but the last retention was {last}. On a wrong day the wrong copies go. "
        "If the day is wrong: set the clock right and run again.",
    },
    "retain.refused_clock": {
        "sv": "{store}: lagrets klocka skiljer sig {minutes} minuter från den här maskinens; högst {limit} är tillåtet."
        " Med fel klocka tas kopior bort som behövs. Ställ den klocka rätt som går fel, eller be IT-service.",
        "en": "{store}: the store's clock differs by {minutes} minutes from this machine's; at most {limit} are "
        "allowed. By a wrong clock copies go that are needed. Set right the one that is wrong, or ask IT-service.",
    },
    "retain.refused_empty": {
        "sv": "{store}: inga kopior för i dag eller framåt finns där. De gamla är de sista som går att skriva ut. Kör "
        "en snapshot först.",
        "en": "{store}: no copies of today or later are there. The old ones are the last that can be printed. Run a "
        "snapshot first.",
    },
    "retain.refused_many": {
        "sv": "{store}: {days} dagar skulle tas bort på en gång; högst {limit} är tillåtet. Så ser det ut efter ett "
        "uppehåll, men också när klockan eller en förteckning är fel.",
        "en": "{store}: {days} days would be removed at once; at most {limit} are allowed. That is so after a pause, "
        "but also where the clock or a record is wrong.",
    },
    "retain.refused_pause": {
        "sv": "{store}: i dag är {today} här, och senaste gallringen var {last}. Har gallringen stått stilla så länge? "
        "Annars har klockan hoppat, och då tas fel kopior bort: ställ den rätt.",
        "en": "{store}: today is {today} here, and the last retention was {last}. Has the retention stood still for so "
        "long? Else the clock has jumped, and the wrong copies would go: set it right.",
    },
    "retain.refused_record": {
        "sv": "{store}: en förteckning går inte att lita på, så ingen vet säkert vilka filer som är våra. {faults}",
        "en": "{store}: a record cannot be trusted, so nobody knows for certain which files are ours. {faults}",
    },
    "retain.refused_stale": {
        "sv": "{store}: ingen hel kopia av i dag är hämtad de senaste {hours} timmarna. Inget gammalt tas bort medan "
        "inget nytt kommer. Se till att dagens snapshot lyckas och kör sedan igen.",
        "en": "{store}: no whole copy of today was captured in the last {hours} hours. Nothing old goes while nothing "
        "new comes. See to it that today's snapshot succeeds, then run again.",
    },
    "retain.removed": {
        "sv": "{store}: borttagna filer: {files} ({megabytes} MB); tillfälliga: {leftovers}. Antecknat i {record}.",
        "en": "{store}: files removed: {files} ({megabytes} MB); temporary ones: {leftovers}. Noted in {record}.",
    },
    "retain.removed_unnoted": {
        "sv": "{store}: borttagna filer: {files} ({megabytes} MB); tillfälliga: {leftovers}. Det kunde inte antecknas "
        "i {record}.",
        "en": "{store}: files removed: {files} ({megabytes} MB); temporary ones: {leftovers}. That could not be noted "
        "in {record}.",
    },
    "retain.removes": {"sv": "tas bort", "en": "remove"},
    "retain.total": {
        "sv": "Ska bort: {files} filer, {megabytes} MB, dagar: {days}; tillfälliga: {leftovers}. Behålls: {kept} "
        "filer.",
        "en": "To go: {files} files, {megabytes} MB, days: {days}; temporary ones: {leftovers}. Kept: {kept} files.",
    },
    "retain.total_nothing": {"sv": "Inget är för gammalt.", "en": "Nothing is too old."},
    # --- report: the validation report of a run ---
    "report.and_more": {"sv": "och {count} kopior till", "en": "and {count} more copies"},
    "report.archived": {"sv": "Ur arkivet", "en": "From the archive"},
    "report.call": {"sv": "Vem ringer vi?", "en": "Whom do we call?"},
    "report.call_planner": {
        "sv": "Besök saknas eller är fel i planen:",
        "en": "Visits are missing or wrong in the plan:",
    },
    "report.call_vendor": {
        "sv": "Planen stämmer, men exporten gör det inte:",
        "en": "The plan is right, but the export is not:",
    },
    "report.captured": {"sv": "hämtat {moment}", "en": "captured {moment}"},
    "report.copies": {"sv": "Antal", "en": "Number"},
    "report.days": {"sv": "Dagar", "en": "Days"},
    "report.do": {"sv": "Gör så här:", "en": "What to do:"},
    "report.from_archive": {"sv": "ur arkivet, hämtat tidigare", "en": "from the archive, captured earlier"},
    "report.heading": {"sv": "Valideringsrapport", "en": "Validation report"},
    "report.legend": {"sv": "Tecken, och antal besök:", "en": "Signs, and number of visits:"},
    "report.made": {"sv": "Rapporten skriven", "en": "Report written"},
    "report.makes": {"sv": "Gör kopian", "en": "Makes the copy"},
    "report.not_allowed": {
        "sv": "Du får inte se körningarna av reservplan_snapshot, och därför inte deras rapporter. Be den som sköter "
        "Airflow om rätt att läsa dem.",
        "en": "You may not see the runs of reservplan_snapshot, nor their reports. Ask whoever runs Airflow for the "
        "right to read them.",
    },
    "report.not_there": {
        "sv": "Det finns ingen sådan rapport. Den skrivs när körningen är i det närmaste klar, och tas bort "
        "samtidigt som dagens kopior.",
        "en": "There is no such report. It is written when the run is almost done, and removed together with "
        "that day's copies.",
    },
    "report.organisation": {"sv": "Organisation", "en": "Organisation"},
    "report.origin": {"sv": "Startad", "en": "Started"},
    "report.origin_backfill": {"sv": "för missade dagar", "en": "for missed days"},
    "report.origin_healing": {"sv": "av övervakningen", "en": "by the watch"},
    "report.origin_manual": {"sv": "för hand", "en": "by hand"},
    "report.origin_refresh": {"sv": "av schemat, under dagen", "en": "by the schedule, during the day"},
    "report.origin_scheduled": {"sv": "av schemat", "en": "by the schedule"},
    "report.outcome": {"sv": "Vad som hände", "en": "What happened"},
    "report.record": {"sv": "Samma sak för program (JSON)", "en": "The same for programs (JSON)"},
    "report.remarks": {"sv": "Anmärkningar", "en": "Remarks"},
    "report.rule": {"sv": "Regel", "en": "Rule"},
    "report.rules": {
        "sv": "Alla regler, och hur många kopior som bröt mot dem",
        "en": "Every rule, and how many copies broke it",
    },
    "report.run": {"sv": "Körning", "en": "Run"},
    "report.several": {"sv": "{count} kopior", "en": "{count} copies"},
    "report.source": {"sv": "Underlag", "en": "Source"},
    "report.started": {"sv": "Körningen började", "en": "Run began"},
    "report.state_complete": {"sv": "komplett", "en": "complete"},
    "report.state_incomplete": {"sv": "ofullständig", "en": "incomplete"},
    "report.state_remarks": {"sv": "anmärkning", "en": "remarks"},
    "report.store": {"sv": "Lager", "en": "Store"},
    "report.stores": {"sv": "Vad som hände på lagren", "en": "What happened on the stores"},
    "report.sum_incomplete": {
        "sv": "Underlaget är ofullständigt för {count} av {cells} kopior. Nedan står varför, vad som nu ligger på "
        "lagren och vad ni gör.",
        "en": "The source is incomplete for {count} of {cells} copies. Below: why, what lies on the stores now, and "
        "what to do.",
    },
    "report.sum_nothing": {
        "sv": "Inget att bedöma: underlaget är oförändrat.",
        "en": "Nothing to judge: the source is unchanged.",
    },
    "report.sum_short": {
        "sv": "{count} hela kopior kom inte till ett lager som de skulle.",
        "en": "{count} whole copies did not get to a store as they should.",
    },
    "report.sum_untouched": {
        "sv": "Inget nådde {stores}.",
        "en": "Nothing reached {stores}.",
    },
    "report.sum_whole": {
        "sv": "Ingen av {cells} kopior är ofullständig.",
        "en": "None of {cells} copies is incomplete.",
    },
    "report.table": {"sv": "Varje grupp och dag", "en": "Every group and day"},
    "report.team": {"sv": "Grupp", "en": "Group"},
    "report.untouched": {
        "sv": "{store}: ingenting skrevs eller kontrollerades där. Varför står i loggen för stegen publish och seal.",
        "en": "{store}: nothing was written or checked there. The logs of the steps publish and seal say why.",
    },
    "report.wrong": {"sv": "Det här är fel", "en": "What is wrong"},
    # --- watch: what lies on the stores, and what should ---
    "watch.alarm": {
        "sv": "Den som skriver ut i dag eller i morgon skulle sakna något.",
        "en": "Somebody who prints today or tomorrow would miss something.",
    },
    "watch.alarm_do": {
        "sv": "Gäller skälet planen eller exporten: be planeraren rätta den, och kör sedan reservplan_snapshot för "
        "dagarna (docs/runbooks/incomplete.md). Har reservplan_snapshot misslyckats säger dess mejl vad som ska göras "
        "först.",
        "en": "Where the reason is the plan or the export: ask the planner to mend it, then run reservplan_snapshot "
        "for the days (docs/runbooks/incomplete.md). If that has failed, its mail says what to do first.",
    },
    "watch.and_more": {"sv": "{names} och {count} till", "en": "{names} and {count} more"},
    "watch.clock": {
        "sv": "{store}: lagrets klocka skiljer sig {minutes} minuter från den här maskinens. Ställ den rätt som går "
        "fel, eller ring {it_service}; gallringen vägrar så länge.",
        "en": "{store}: the store's clock differs by {minutes} minutes from this machine's. Set right the one that is "
        "wrong, or call {it_service}; retention refuses meanwhile.",
    },
    "watch.critical": {"sv": "LARM", "en": "ALARM"},
    "watch.edited_papers": {
        "sv": "{store}: ändrade av någon är {names}. De förnyas inte: den som öppnar dem ser det som gällde då. "
        "Reservplan lägger sina egna bredvid, (Reservplan) i namnet. Ta bort de ändrade när ingen behöver dem.",
        "en": "{store}: edited by somebody are {names}. They are not renewed: whoever opens them sees what was so "
        "then. Reservplan puts its own beside them, named (Reservplan). Remove the edited ones when nobody needs them.",
    },
    "watch.extent": {
        "sv": "{files} filer, {megabytes} MB.",
        "en": "{files} files, {megabytes} MB.",
    },
    "watch.found_damaged": {
        "sv": "{store}: {day} är skadad för {teams}. Lita inte på den. Kör en snapshot för dagen: den skriver om det "
        "som är skadat.",
        "en": "{store}: {day} is damaged for {teams}. Do not trust it. Run a snapshot for the day: it writes anew what "
        "is damaged.",
    },
    "watch.found_edited": {
        "sv": "{store}: {day} är ändrad av någon för {teams}. Reservplan rör den inte utan lägger sin egen bredvid, "
        "(Reservplan) i namnet. Ta bort den ändrade när ingen behöver den.",
        "en": "{store}: {day} was edited by somebody for {teams}. Reservplan does not touch it and puts its own beside "
        "it, named (Reservplan). Remove the edited one when nobody needs it.",
    },
    "watch.found_future": {
        "sv": "{store}: {day} är för gammal för {teams}, så långt man kan veta: dess tid ligger i framtiden. "
        "Kontrollera klockan på datorn som sparar exporten och kör sedan en snapshot.",
        "en": "{store}: {day} is too old for {teams}, as far as can be told: its time lies in the future. Check the "
        "clock of the machine that saves the export, then run a snapshot.",
    },
    "watch.found_held_back": {
        "sv": "{store}: senaste läsningen av {day} är ofullständig för {teams}, kopian hämtad {since} ligger kvar. Den "
        "är hel, men det som ändrats sedan dess är inte med.{why} Kör sedan en snapshot för dagen.",
        "en": "{store}: the latest reading of {day} is incomplete for {teams}, the copy captured {since} stays. It is "
        "whole, but lacks what has changed since.{why} Then run a snapshot for the day.",
    },
    "watch.found_incomplete": {
        "sv": "{store}: {day} är ofullständig för {teams}. Den som skriver ut har inte rätt besök.{why} Kör "
        "sedan en snapshot för dagen.",
        "en": "{store}: {day} is incomplete for {teams}. Whoever prints it does not have the right visits."
        "{why} Then run a snapshot for the day.",
    },
    "watch.found_missing": {
        "sv": "{store}: {day} saknas för {teams}. Där finns inget, eller inte allt, att skriva ut. Kör en snapshot för "
        "dagen.",
        "en": "{store}: {day} is missing for {teams}. There is nothing, or not everything, to print. Run a snapshot "
        "for the day.",
    },
    "watch.found_missing_read": {
        "sv": "{store}: {day} saknas för {teams}. Där finns inget, eller inte allt, att skriva ut, och senaste "
        "läsningen räckte inte till en kopia.{why} Kör sedan en snapshot för dagen.",
        "en": "{store}: {day} is missing for {teams}. There is nothing, or not everything, to print, and of the latest "
        "reading no copy could be made.{why} Then run a snapshot for the day.",
    },
    "watch.found_stale": {
        "sv": "{store}: {day} är för gammal för {teams}: den stämde senast för {hours} timmar sedan. Se efter om "
        "det finns en ny export och kör sedan en snapshot.",
        "en": "{store}: {day} is too old for {teams}: it was last known to be right {hours} hours ago. See "
        "whether there is a new export, then run a snapshot.",
    },
    "watch.found_stale_read": {
        "sv": "{store}: {day} är för gammal för {teams}: den stämde senast för {hours} timmar sedan.{why} Kör sedan en "
        "snapshot för dagen.",
        "en": "{store}: {day} is too old for {teams}: it was last known to be right {hours} hours ago.{why} Then run a "
        "snapshot for the day.",
    },
    "watch.found_unjudged": {
        "sv": "{store}: {day} går inte att kontrollera för {teams}. Det som ligger där går att skriva ut, men ingen "
        "vet om det är helt, och Reservplan rör det inte. {fault}",
        "en": "{store}: {day} cannot be checked for {teams}. What lies there can be printed, but nobody knows whether "
        "it is whole, and Reservplan does not touch it. {fault}",
    },
    "watch.heading": {"sv": "{store}  {place}  sett {seen}", "en": "{store}  {place}  seen {seen}"},
    "watch.heartbeat_unheard": {
        "sv": "Adressen i watch.heartbeat svarade inte.",
        "en": "The address in watch.heartbeat did not answer.",
    },
    "watch.info": {"sv": "Obs ", "en": "Note "},
    "watch.held_back": {
        "sv": "{count} av dem (!) ligger kvar från tidigare: den senaste läsningen är ofullständig.",
        "en": "{count} of them (!) stay from before: the latest reading is incomplete.",
    },
    "watch.latest_capture": {
        "sv": "{store}: dagens kopior visar som nyast läget {moment}, mer än {hours} timmar tillbaka.",
        "en": "{store}: at the newest today's copies tell of {moment}, more than {hours} hours ago.",
    },
    "watch.leftovers": {
        "sv": "{store}: {count} tillfälliga filer har blivit kvar ({names}). Nästa körning tar bort dem.",
        "en": "{store}: {count} temporary files were left behind ({names}). The next run removes them.",
    },
    "watch.legend": {
        "sv": "Tecken: {entries}. h = timmar, d = dagar sedan. ! = en senare läsning var ofullständig.",
        "en": "Signs: {entries}. h = hours, d = days ago. ! = a later reading was incomplete.",
    },
    "watch.lies_marked": {"sv": "ligger där, märkt OFULLSTÄNDIG", "en": "lies there, marked INCOMPLETE"},
    "watch.more_findings": {
        "sv": "Och {count} larm till: se reservplan status.",
        "en": "And {count} more alarms: see reservplan status.",
    },
    "watch.more_lines": {
        "sv": "och {count} kopior till, se reservplan status --json",
        "en": "and {count} more copies, see reservplan status --json",
    },
    "watch.more_reasons": {
        "sv": "Skälen för {count} grupper till visar reservplan status.",
        "en": "The reasons of {count} more groups are shown by reservplan status.",
    },
    "watch.nothing_made": {"sv": "ingen kopia kunde göras", "en": "no copy could be made"},
    "watch.nothing_wrong": {"sv": "Allt som ska ligga där ligger där.", "en": "All that should be there is there."},
    "watch.oldest": {
        "sv": "Äldst från i dag och framåt: {age}, {team} {day}.",
        "en": "Oldest from today on: {age}, {team} {day}.",
    },
    "watch.or_later": {"sv": "{moment} eller senare", "en": "{moment} or later"},
    "watch.overdue": {
        "sv": "{store}: {count} filer äldre än {days} dagar ligger kvar ({names}). Kör gallringen och läs varför om "
        "den vägrar.",
        "en": "{store}: {count} files older than {days} days still lie there ({names}). Run the retention, and read "
        "why if it refuses.",
    },
    "watch.overdue_edited": {
        "sv": "{store}: {count} filer äldre än {days} dagar är ändrade av någon och gallras inte ({names}). Ta bort "
        "dem för hand, eller med retain --apply --include-edited.",
        "en": "{store}: {count} files older than {days} days were edited by somebody and are not removed ({names}). "
        "Remove them by hand, or with retain --apply --include-edited.",
    },
    "watch.reasons": {"sv": "Skäl:", "en": "Reasons:"},
    "watch.record": {
        "sv": "{store}: något är fel med en förteckning. {fault}",
        "en": "{store}: a record is at fault. {fault}",
    },
    "watch.remark_of_many": {"sv": "{count} kopior, t.ex. {words}", "en": "{count} copies, e.g. {words}"},
    "watch.remarks": {"sv": "Anmärkningar från i dag och framåt:", "en": "Remarks from today on:"},
    "watch.renamed_team": {
        "sv": "{store}: kopior ligger kvar under namn som source.teams nu ger ett annat: {names}. De förnyas inte. Ta "
        "bort dem för hand, så att ingen skriver ut dem.",
        "en": "{store}: copies lie there under names to which source.teams now gives another: {names}. They are not "
        "renewed. Remove them by hand, so that nobody prints them.",
    },
    "watch.short_closed": {"sv": "–", "en": "–"},
    "watch.short_damaged": {"sv": "SK", "en": "DA"},
    "watch.short_edited": {"sv": "ÄN", "en": "ED"},
    "watch.short_incomplete": {"sv": "OF", "en": "IN"},
    "watch.short_missing": {"sv": "SA", "en": "MI"},
    "watch.short_not_due": {"sv": "··", "en": "··"},
    "watch.short_ok": {"sv": "ok", "en": "ok"},
    "watch.short_remarks": {"sv": "an", "en": "re"},
    "watch.short_stale": {"sv": "GA", "en": "ST"},
    "watch.stand_in": {
        "sv": "{store}: nya kopior ligger bredvid filer som var öppna eller skrivskyddade ({names}). Skriv ut den med "
        "(ny …) i namnet, den utan är äldre. Stäng filen: inom en halvtimme tar den nya dess plats.",
        "en": "{store}: new copies lie beside files that were open or protected ({names}). Print the one named (ny …), "
        "the one without is older. Close the file: within half an hour the new one takes its place.",
    },
    "watch.state_closed": {"sv": "stängt", "en": "closed"},
    "watch.state_damaged": {"sv": "skadad", "en": "damaged"},
    "watch.state_edited": {"sv": "ändrad av någon", "en": "edited by somebody"},
    "watch.state_incomplete": {"sv": "ofullständig", "en": "incomplete"},
    "watch.state_missing": {"sv": "saknas", "en": "missing"},
    "watch.state_not_due": {"sv": "väntas senare i dag", "en": "due later today"},
    "watch.state_ok": {"sv": "ok", "en": "ok"},
    "watch.state_remarks": {"sv": "anmärkning", "en": "remarks"},
    "watch.state_stale": {"sv": "för gammal", "en": "stale"},
    "watch.stray": {
        "sv": "{store}: {count} filer har våra namn men är inte skrivna av Reservplan ({names}). De rörs inte; ta bort "
        "dem för hand om ingen behöver dem.",
        "en": "{store}: {count} files have our names but were not written by Reservplan ({names}). They are not "
        "touched; remove them by hand if nobody needs them.",
    },
    "watch.told": {"sv": "Skickat: {subject}", "en": "Sent: {subject}"},
    "watch.today": {"sv": "I DAG", "en": "TODAY"},
    "watch.totals": {"sv": "{cells} kopior: {counted}.", "en": "{cells} copies: {counted}."},
    "watch.unknown_team": {
        "sv": "{store}: grupper i planen som inte finns i inställningarna: {names}. De har kopior. Lägg dem i teams "
        "eller i ignore_teams, eller koppla dem i source.teams om de bara heter något annat där.",
        "en": "{store}: groups in the plan that are not in the settings: {names}. They have copies. Put them in teams "
        "or in ignore_teams, or map them in source.teams if they only have another name there.",
    },
    "watch.unreachable": {
        "sv": "{store}: går inte att nå, så ingen vet vad som ligger där. {fault} Ring {it_service} om det inte går "
        "över av sig självt.",
        "en": "{store}: cannot be reached, so nobody knows what lies there. {fault} Call {it_service} if it does not "
        "pass by itself.",
    },
    "watch.unsealed": {
        "sv": "{store}: en körning avbröts innan {count} kopior var förseglade ({names}). Filerna är hela; nästa "
        "körning förseglar dem.",
        "en": "{store}: a run was interrupted before {count} copies were sealed ({names}). The files are whole; the "
        "next run seals them.",
    },
    "watch.verify_broken": {
        "sv": "är inte vad som skrevs, och går inte att öppna: kör en snapshot för dagen",
        "en": "is not what was written, and does not open: run a snapshot for the day",
    },
    "watch.verify_busy": {
        "sv": "går inte att läsa nu: någon har den öppen, eller rättigheter saknas",
        "en": "cannot be read now: somebody has it open, or permission is lacking",
    },
    "watch.verify_differs": {
        "sv": "är inte vad som skrevs: någon har ändrat den",
        "en": "is not what was written: somebody changed it",
    },
    "watch.verify_does_not_open": {
        "sv": "är vad som skrevs, men går inte att öppna: rapportera det som ett fel i Reservplan",
        "en": "is what was written, but does not open: report it as a fault in Reservplan",
    },
    "watch.verify_missing": {
        "sv": "saknas: kör en snapshot för dagen",
        "en": "is missing: run a snapshot for the day",
    },
}


def say(language: str, key: str, **values: object) -> str:
    """The text of a key in the users' language, its `{names}` filled in.

    Raises:
        KeyError: an unknown key, or a value that the text needs is not given (a programming error).
    """
    return WORDS[key][language].format(**values)


def day_words(language: str, day: date) -> str:
    """`onsdag 22 juni 2022`."""
    return f"{weekday_words(language, day)} {date_words(language, day)}"


def short_day_words(language: str, day: date) -> str:
    """`onsdag 22 juni`, where the year goes without saying."""
    return f"{weekday_words(language, day)} {day.day} {month_words(language, day)}"


def sentences(texts: Iterable[str]) -> str:
    """Several reasons on one line."""
    return "; ".join(text.rstrip(".") for text in texts) + "."


def cell_words(language: str, cell: Cell) -> str:
    """`Ullared tisdag 24 nov`, as every reason begins."""
    day = cell.plan_date
    return f"{cell.team} {weekday_words(language, day)} {day.day} {month_words(language, day)[:3]}"


def date_words(language: str, day: date) -> str:
    """`22 juni 2022`."""
    return f"{day.day} {month_words(language, day)} {day.year}"


def day_heading(language: str, day: date) -> str:
    """`ONSDAG 22 JUNI 2022 · vecka 25`, as every page begins."""
    return f"{day_words(language, day).upper()} · {week_words(language, day)}"


def moment_words(language: str, instant: datetime, zone: ZoneInfo) -> str:
    """`22 juni 2022 kl. 05:00` in local time."""
    local = require_aware(instant).astimezone(zone)
    at = " kl. " if language == "sv" else " at "
    return f"{date_words(language, local.date())}{at}{local:%H:%M}"


def weekday_words(language: str, day: date) -> str:
    """`onsdag`."""
    return WEEKDAY_NAMES[language][day.weekday()]


def month_words(language: str, day: date) -> str:
    """`juni`."""
    return MONTH_NAMES[language][day.month - 1]


def week_words(language: str, day: date) -> str:
    """`vecka 25`: the ISO week, as Swedish calendars number them."""
    return say(language, "paper.week", week=day.isocalendar().week)
