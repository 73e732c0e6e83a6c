"""Changes to Argilla's web UI, in the copy of it that the embedded server gives out.

Each change is a pattern and what takes its place. Where the web UI has the pattern nowhere, as another version of it
may, that change is left out and the server's log says so.
"""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOG = logging.getLogger("h4rmony.server")


@dataclass(frozen=True)
class Change:
    """A change: what it is for, the files it is made in, and what replaces what.

    ``marker`` is a part of the pattern: files without it are not searched.
    """

    purpose: str
    files: str
    marker: str
    pattern: str
    replacement: str


CHANGES = (
    Change(
        "no web fonts, so that no third party learns of a reviewer's visits; the styles name system fonts too",
        "*.css",
        "fonts.googleapis.com",
        r"@import url\(https://fonts\.googleapis\.com/[^)]*\);",
        "",
    ),
    # Argilla waits 300 ms for a second digit, and until then every digit goes to the answer that was ranked last.
    # With nine answers or fewer a digit is whole: the next one goes to the next answer without a rank, or, when all
    # have one, to the next by letter.
    Change(
        "each digit ranks one answer, however fast they are typed",
        "*.js",
        "rankWithKeyboard:function",
        r"(?P<head>rankWithKeyboard:function rankWithKeyboard\((?P<key>\w+),(?P<answer>\w+)\)\{"
        r"var (?P<self>\w+)=this;[^}]*?)this\.keyCode\+=(?P=key)\.key(?P<body>,.{1,500}?)"
        r"(?P<wait>this\.timer=setTimeout\(\(function\(\)\{(?P=self)\.\$nextTick\(\(function\(\)\{"
        r"(?P=self)\.focusOnFirstQuestionOrItem\(\),(?P=self)\.reset\(\)\}\)\)\}\),300\))",
        r"\g<head>this.ranking.slots.length<10?this.keyCode=\g<key>.key:this.keyCode+=\g<key>.key\g<body>"
        r"this.ranking.slots.length<10?this.$nextTick((function(){\g<self>.focusOnFirstQuestionOrItem(\g<answer>.text),"
        r"\g<self>.reset()})):\g<wait>",
    ),
    Change(
        "an order to verify is typed by letter: the digits of A, B, C",
        "*.js",
        "focusOnFirstQuestionOrItem:function",
        r"(focusOnFirstQuestionOrItem:function focusOnFirstQuestionOrItem\()(\)\{.{1,300}?)"
        r"var (\w+)=(\w+)\.\$refs\.items\[0\];",
        r"\g<1>last\g<2>var items=[...\g<4>.$refs.items||[]].sort((a,b)=>a.title.localeCompare(b.title)),"
        r"\g<3>=items[(items.findIndex(item=>item.title===last)+1)%items.length];",
    ),
    # Argilla goes on to the next question, where a digit does nothing: the first choice would be sent.
    Change(
        "another digit after the first corrects a choice of one label",
        "*.js",
        "this.multiple||(this.options.forEach(",
        r"(?P<label>\w+)\.click\(\)\),this\.reset\(\)(?P<choice>\},onSelect:function onSelect\(\w+\)\{[^}]{1,80}?"
        r"this\.multiple\|\|\(this\.options\.forEach\(\(function\(\w+\)\{[^}]*\}\)\))"
        r',\w+&&this\.\$emit\("on-selected"\)\)',
        r"this.multiple||\g<label>.focus(),\g<label>.click()),this.reset()\g<choice>)",
    ),
    Change(
        "after a drag, digits go to the answers without a rank; Argilla loses them",
        "*.js",
        '"on-reorder",this.ranking',
        r'(onMoveEnd:function onMoveEnd\(\)\{this\.\$emit\("on-reorder",this\.ranking\))\}',
        r"\1,this.focusOnFirstQuestionOrItem()}",
    ),
    Change(
        "the answers to rank are called by their letter, which a phone has room for",
        "*.js",
        "draggable__rank-card__title",
        r'(staticClass:"draggable__rank-card__title",attrs:\{id:[^}]*\},domProps:\{textContent:\w+\._s\()(\w+\.text)\)',
        r'\1\2.replace(/^Respuesta (?=[A-Z]$)/,""))',
    ),
    Change(
        "letter and suggested rank stay inside their card, and no tooltip covers them; on a phone the guidelines "
        "come before the record",
        "*.css",
        "draggable__rank-card__title[",
        r"\.draggable__rank-card__title\[data-v-\w+\]\{[^}]*\}",
        r"\g<0>.resizable-v.wrapper>.panel.--mobile{order:-1}"
        r".draggable [class*=draggable__rank-card--]{display:flex!important;width:auto!important}"
        r".draggable .draggable__rank-card__title{flex:1;font-weight:700;text-align:center}"
        r".draggable .tooltip-content{display:none}",
    ),
    Change(
        "the buttons below the form have the room that their words need",
        "*.css",
        "footer-form__content[",
        r"\.footer-form__content\[data-v-\w+\]\{[^}]*\}",
        r"\g<0>.footer-form__content>.button{flex:1 1 auto!important;width:auto!important}",
    ),
    Change(
        "Spanish is the language of every browser whose own one Argilla does not have",
        "*.js",
        "useLanguageDetector(",
        r'(function useLanguageDetector\(.{1,700}?;)(\w+)\("en"\)',
        r'\1\2("es")',
    ),
    Change(
        "the number of records beside the arrows in the language of the page",
        "*.js",
        '"Total Records"',
        r'(\w+)\._v\("of "\+',
        r'\1._v(\1.$t("of")+" "+',
    ),
    Change(
        "who has tried too often to sign in is told to wait",
        "*.js",
        '"login.error"',
        r'(this\.error\.toString\(\)\.includes\("401"\)\?this\.\$t\("login\.error"\):)(this\.error)',
        r'\1\2.toString().includes("429")?this.$i18n.locale==="es"?"Demasiados intentos: espera cinco minutos y '
        r'vuelve a probar":"Too many attempts: wait for five minutes and try again":\2',
    ),
    # Argilla adds "wait a few seconds" and what the server says, in English. Of any other request, whose limit is one
    # of a proxy, that is all it says.
    Change(
        "who has to wait before signing in again is told so once",
        "*.js",
        "function loadErrorHandler(",
        r"(function loadErrorHandler\(.{1,300}?(\w+)=\w+\.status,\w+=\w+\.data;\w+\.clear\(\);)"
        r"(.{1,500}?throw (\w+)\})",
        r"\1if(429===\2&&/token$/.test(\4.config.url))throw \4;\3",
    ),
    Change(
        "the list of datasets has its order and its search in view on a phone",
        "*.css",
        ".dataset-list__header[",
        r"\.dataset-list__header\[data-v-\w+\]\{[^}]*\}",
        r"\g<0>.dataset-list__header,.dataset-list__filters{flex-wrap:wrap}",
    ),
    Change(
        "what the server says of a refusal, in English, is shown only where the page has no words of its own",
        "*.js",
        '"validations.http."',
        r'(var (?P<key>\w+)="validations\.http\."\.concat\(\w+,"\.message"\),(?P<words>\w+)=\w+\((?P=key)\);'
        r'if\(.{1,400}?\}else )(?=\w+\.detail&&"string"==typeof )',
        r"\1\g<words>===\g<key>&&",
    ),
    Change(
        "whose request is refused reads in Spanish what to do",
        "*.js",
        "No se pudieron validar las credenciales",
        r'(?<=401:\{message:")No se pudieron validar las credenciales("\},)',
        r'No se pudieron validar tus credenciales: vuelve a iniciar sesión\g<1>413:{message:"Lo que envías es '
        r'demasiado grande: acórtalo"},',
    ),
    # Argilla pastes the record into the frame's script by String.replace: "</script>" in an answer of the reviewer's
    # own ended the script and ran, and "$'" and "#TEMPLATE#" were replaced.
    Change(
        "nothing in a record, nor in an answer to it, has power over the page",
        "*.js",
        '"#RECORD_OBJECT#"',
        r'(JSON\.stringify\(this\.sdkRecord\))(;return\(.{1,1500}?)\.replace\("#RECORD_OBJECT#",(\w+)\)'
        r'\.replace\("#TEMPLATE#",this\.content\)',
        r'\1.replace(/</g,"\\\\u003c")\2.replace("#TEMPLATE#",()=>this.content).replace("#RECORD_OBJECT#",()=>\3)',
    ),
    Change(
        "what Argilla's Spanish lacks",
        "*.js",
        "Selección de múltiples etiquetas",
        r"(multi_label_selection:.*?,)(.*?spanAnnotation:\{)(.*?login:\{)(.*?home:\{)",
        r'\1Workspaces:"Espacios de trabajo",general:"General",image:"Imagen",share:"Compartir el avance",'
        r'copiedToClipboard:"Copiado",couldNotLoadImage:"No se pudo cargar la imagen",\2'
        r'searchLabels:"Buscar etiquetas",\3error:"El usuario o la contraseña no es correcto. Inténtalo otra vez",\4'
        r'zeroDatasetsFound:"Ningún conjunto de datos",',
    ),
)


SCRIPTS = "_nuxt"  # where Argilla has scripts and styles
OWN_SCRIPTS = f"{SCRIPTS}-{hashlib.sha256(repr(CHANGES).encode()).hexdigest()[:8]}"


def change_web_ui(folder: Path) -> None:
    """Make every change in the unpacked web UI in ``folder``.

    Its scripts and styles get an address that follows from the changes, because browsers may keep for days
    what they have from other addresses, and not ask again.
    """
    for files in ("*.js", "*.css"):
        changes = [change for change in CHANGES if change.files == files]
        done = dict.fromkeys(changes, 0)
        for path in folder.rglob(files):
            text = before = path.read_text(encoding="utf-8")
            for change in changes:
                if change.marker in text:
                    text, count = re.subn(change.pattern, change.replacement, text)
                    done[change] += count
            if text != before:
                path.write_text(text, encoding="utf-8")
        for change in (change for change, count in done.items() if not count):
            LOG.warning("this version of Argilla's web UI is not known; left out: %s", change.purpose)
    for scripts in folder.rglob(SCRIPTS):
        scripts.with_name(OWN_SCRIPTS).symlink_to(SCRIPTS)
        for path in (*scripts.parent.rglob("*.html"), *scripts.glob("*.js")):
            text = path.read_text(encoding="utf-8")
            if f'"/{SCRIPTS}/' in text:
                path.write_text(text.replace(f"/{SCRIPTS}/", f"/{OWN_SCRIPTS}/"), encoding="utf-8")


def ask_for_pages_again(app: Any) -> None:
    """Make browsers ask for the web UI's pages each time they open one: the pages name its scripts and styles."""
    static = next(route for route in app.routes if route.name == "static")
    give_out = static.app

    async def asked_again(scope: Any, receive: Any, send: Any) -> None:
        def with_header(message: Any) -> Any:
            if b"text/html" in dict(message.get("headers", ())).get(b"content-type", b""):
                message["headers"].append((b"cache-control", b"no-cache"))
            return send(message)

        await give_out(scope, receive, with_header)

    static.app = asked_again
