"""The letters that everybody in the field uses, and other names for the same thing: a start, which business managers
change and add to in the CMS."""

from django.db import migrations

STARTING = (
    "CP\nchild protection",
    "CP plan\nCPP\nchild protection plan",
    "CP conference\nCPC\nchild protection conference",
    "ICPC\ninitial conference\ninitial child protection conference",
    "RCPC\nreview conference\nreview child protection conference",
    "LADO\ndesignated officer\nlocal authority designated officer",
    "DSL\nsafeguarding lead\ndesignated safeguarding lead\ndesignated lead",
    "EDT\nemergency duty team\nout of hours\nout-of-hours team",
    "MASH\nduty desk\nfront door\nmulti-agency safeguarding hub",
    "IMR\nagency report\nindividual management review\ninternal management review",
    "SCR\nserious case review",
    "LCSPR\nlocal child safeguarding practice review\nsafeguarding practice review\npractice review",
    "CPIR\nchild protection incident review",
    "SIRG\nserious incident review group",
    "ToR\nterms of reference",
    "RAG\nRAG rating\ncolours",
    "S47\nsection 47\nsection 47 enquiry\nchild protection enquiry",
    "strategy meeting\nstrategy discussion",
    "CAF\nEHA\nearly help assessment\ncommon assessment framework",
    "TAF\nteam around the family",
    "TAC\nteam around the child",
    "CIN\nchild in need",
    "LAC\nlooked after child\nchild in care",
    "threshold\nlevel of need",
    "CSE\nsexual exploitation\nchild sexual exploitation",
    "CCE\ncriminal exploitation\nchild criminal exploitation",
    "NRM\nnational referral mechanism\nnational mechanism\ntrafficking",
    "return home interview\nreturn interview\nRHI",
    "sexting\nnude\nindecent image",
    "DV\nDA\ndomestic abuse\ndomestic violence",
    "DHR\ndomestic homicide review\nkilled by a partner",
    "MARAC\nmulti-agency risk assessment conference",
    "MAPPA\nmulti-agency public protection arrangements",
    "FII\nfabricated or induced illness",
    "FGM\nfemale genital mutilation",
    "co-sleeping\nsafe sleep\nbed sharing",
    "sectioned\nadmitted to hospital\nmental illness",
    "GDPR\ndata protection",
    "data breach\nbreach\nlost laptop",
    "SAR\nsubject access request\nsee its records",
    "police protection\nPPO\nemergency protection order\nEPO",
    "GP\ndoctor\ngeneral practitioner",
    "HV\nhealth visitor",
    "SW\nsocial worker",
    "anonymise\nredact\nreplacing names",
    "escalation\nresolving disagreement\nprofessionals disagree",
    "journalist\npress\nmedia\nreporter",
    "heroin\ndrugs\nsubstance misuse",
    "extremism\nradicalisation\nPrevent",
    "whistleblowing\nwhistle blowing\nspeaking up",
    "phone\ntelephone",
    "deadline\ntime limit",
    "married\nmarriage",
    "review panel\nreview group",
)  # fmt: skip


def put_in(apps, schema_editor):
    synonym = apps.get_model("finding", "Synonym")
    synonym.objects.bulk_create(synonym(words=words) for words in STARTING)


class Migration(migrations.Migration):
    dependencies = [("finding", "0002_full_text")]

    operations = [migrations.RunPython(put_in, migrations.RunPython.noop)]
