"""Which words carry no matter of their own? Articles, pronouns, auxiliaries and greetings, Italian and English."""

from __future__ import annotations

#: Words of three letters and more, in small letters.
ENGLISH = frozenset(
    (
        "about above after again against all also although always and another any anybody anyone anything are "
        "aren because been before being below between both but came can cannot come could couldn day days did "
        "didn does doesn doing don done down during each either else even ever every everyone everything few "
        "for from further get gets getting give given goes going gone good got had hadn has hasn have haven "
        "having hello her here hers him his how however into isn its itself just keep know last least less "
        "let like made make makes many may maybe might mine more most much must myself need never new next "
        "nobody none nor not nothing now off often okay once one only onto other our ours out over own people "
        "please put quite really right said same say says see seem seems several shall she should shouldn "
        "since some somebody someone something soon still such sure take tell than thank thanks that the "
        "their theirs them themselves then there these they thing things think this those though three "
        "through time today together told tomorrow too took toward try trying two under until upon use used "
        "using very want wants was wasn way well went were weren what when where whether which while who "
        "whole whom whose why will with within without won would wouldn year yes yesterday yet you your yours "
        "yourself "
    ).split()
)
ITALIAN = frozenset(
    (
        "abbia abbiamo abbiano abbiate adesso agli alcuna alcune alcuni alcuno alla alle allo allora altra "
        "altre altri altro anche ancora anni anno anzi appena avere avete aveva avevano avevo avrà avuto "
        "basta bella bello ben bene buon buona buonasera buongiorno cara caro che chi chiunque ciao cioè "
        "circa ciò coi col come con contro cosa cose così cui dagli dai dal dall dalla dalle dallo davvero "
        "degli dei del dell della delle dello dentro deve devo devono dice dici dico dicono dietro dire dopo "
        "dove dovete dovrebbe due dunque ecco era erano eravate ero essere fai fanno far fare fate fatto fin "
        "fino fra fuori già gli hai hanno ieri infatti insomma intanto invece lei loro lui mai male meglio "
        "meno mentre mesi mia mie miei mio molta molte molti molto negli nei nel nell nella nelle nello "
        "nessun nessuna nessuno niente noi non nostra nostre nostri nostro nulla oggi ogni oltre oppure ora "
        "ore ormai pare parte per perché persino però piuttosto più poca poche pochi poco poi possiamo "
        "possibile posso possono potete poteva potrebbe prego prima proprio prossimo puoi pure può qua qual "
        "qualche qualcosa qualcuno quale quali quando quanta quante quanti quanto quasi quel quella quelle "
        "quelli quello questa queste questi questo qui quindi sapere sapete sarebbe saremo sarà scusate sei "
        "sembra sempre senza sia siamo siano siate siete solo soltanto sono sopra sotto spero sta stai stanno "
        "stare stata state stati stato stava stesso sto sua sue sugli sui sul sulla sulle suo suoi tale tali "
        "tanta tante tanti tanto tra tre troppa troppe troppi troppo tua tue tuo tuoi tutta tutte tutti tutto "
        "una uno vai vanno vediamo vedo vero verso via viene vieni vogliamo voglio voi volete volta volte "
        "vostra vostre vostri vostro "
    ).split()
)
