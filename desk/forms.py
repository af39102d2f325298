"""What do the few pages outside Streamlit look like? Signing in and out, the first own password, coming back."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import HTMLResponse

from desk.i18n import LANGUAGES, _, language
from desk.widgets.markup import Markup, html_tag, join_markup

_STYLE = """
:root { color-scheme: light dark; }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px 16px;
  font: 400 14px/20px "Source Sans 3", "Source Sans Pro", "Source Sans", system-ui, sans-serif;
  background: light-dark(#edf2f2, #0d1416); color: light-dark(#14252b, #e7eeef); }
main { width: 100%; max-width: 372px; background: light-dark(#ffffff, #11191c); padding: 26px 28px 24px;
  border: 1px solid light-dark(#d9e1e3, #2c3b41); border-radius: 10px; }
header { display: flex; align-items: center; gap: 10px; font-size: 20px; line-height: 28px; font-weight: 600; }
h1 { font-size: 16px; line-height: 24px; font-weight: 600; margin: 20px 0 4px; }
p { margin: 0 0 12px; color: light-dark(#52646b, #a3b4b9); font-size: 13px; line-height: 18px; }
label { display: block; font-size: 13px; line-height: 18px; font-weight: 600; margin: 14px 0 4px; }
input { width: 100%; height: 36px; padding: 0 12px; font: inherit; color: inherit; border-radius: 6px;
  background: light-dark(#f4f7f7, #18242a); border: 1px solid light-dark(#7c8d93, #6c8087); }
button { width: 100%; height: 38px; margin-top: 20px; font: inherit; font-weight: 600; color: #ffffff; border: 0;
  border-radius: 6px; background: light-dark(#0a6273, #1b7f92); cursor: pointer; }
button:hover { background: light-dark(#084f5d, #1a7687); }
:focus-visible { outline: 2px solid light-dark(#0a6273, #7cd0de); outline-offset: 2px; }
.no { background: light-dark(#fcecea, #3a1b1a); color: light-dark(#b3261e, #ff9a91); border-radius: 6px;
  padding: 9px 12px; margin: 12px 0 0; }
.ok { margin: 12px 0 0; font-size: 14px; line-height: 20px; color: inherit; overflow-wrap: anywhere; }
h1 { overflow-wrap: anywhere; }
a.go { display: block; margin-top: 20px; padding: 9px 12px; border-radius: 6px; text-align: center; font-weight: 600;
  color: #ffffff; background: light-dark(#0a6273, #1b7f92); text-decoration: none; }
a { color: light-dark(#0a6273, #7cd0de); text-underline-offset: 2px; }
footer { margin-top: 18px; display: flex; gap: 14px; font-size: 12px; line-height: 24px; }
footer b { color: light-dark(#52646b, #a3b4b9); font-weight: 400; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_LOGO = Markup(
    '<svg width="30" height="30" viewBox="0 0 24 24" aria-hidden="true"><rect x="2" y="3" width="20" height="18" rx="5"'
    ' fill="#0a6273"/><path d="M6.5 16.5v-5a5.5 5.5 0 0111 0v5" fill="none" stroke="#fff" stroke-width="1.800"/>'
    '<path d="M5 16.500h14" stroke="#fff" stroke-width="1.800" stroke-linecap="round"/>'
    '<circle cx="12" cy="12.500" r="1.600" fill="#fff"/></svg>'
)
#: Nothing is loaded, nothing runs, no other site may frame the form or receive it.
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}
_LANGUAGE_NAMES = {"en": "English", "it": "Italiano"}


@dataclass(frozen=True, slots=True)
class Field:
    """One input: its name, label, kind, and what the browser may fill in."""

    name: str
    label: str
    kind: str = "text"
    autocomplete: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class FormPage:
    """A page with one form. ``refusal`` is the sentence shown when the last try did not work."""

    title: str
    lead: str
    action: str
    button: str
    token: str
    fields: tuple[Field, ...] = ()
    refusal: str = ""
    next_path: str = "/"
    offers_languages: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Where to go on, on this desk."""

    label: str
    path: str


def notice(heading: str, text: str, *, link: Link, is_refusal: bool = False, status_code: int = 200) -> HTMLResponse:
    """A page that says one thing, and where to go on; every given string is escaped."""
    said = html_tag("p", text, cls="no" if is_refusal else "ok", role="alert" if is_refusal else "status")
    way = html_tag("a", link.label, href=link.path, cls="go")
    body = html_tag("main", html_tag("header", _LOGO, "Sportello"), html_tag("h1", heading), said, way)
    return _page(heading, body, status_code=status_code)


def render(page: FormPage, *, status_code: int = 200) -> HTMLResponse:
    """The page in the language in force; every given string is escaped."""
    body = html_tag(
        "main",
        html_tag("header", _LOGO, "Sportello"),
        html_tag("h1", page.title),
        html_tag("p", page.lead) if page.lead else Markup(""),
        html_tag("p", page.refusal, cls="no", role="alert") if page.refusal else Markup(""),
        _form(page),
        _languages(page) if page.offers_languages else Markup(""),
    )
    return _page(page.title, body, status_code=status_code)


def _page(title: str, body: Markup, *, status_code: int) -> HTMLResponse:
    head = join_markup(
        [
            Markup('<meta charset="utf-8">'),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            html_tag("title", f"{title} · Sportello"),
            Markup(f"<style>{_STYLE}</style>"),
        ]
    )
    document = html_tag("html", html_tag("head", head), html_tag("body", body), lang=language())
    return HTMLResponse(f"<!doctype html>\n{document}\n", status_code=status_code, headers=HEADERS)


def _form(page: FormPage) -> Markup:
    first_empty = next((field.name for field in page.fields if not field.value), "")
    inputs = [_input(field, focus=field.name == first_empty) for field in page.fields]
    hidden = [_hidden("token", page.token), _hidden("next", page.next_path), _hidden("lang", language())]
    return html_tag(
        "form",
        *hidden,
        *inputs,
        html_tag("button", page.button, type="submit"),
        method="post",
        action=page.action,
    )


def _hidden(name: str, value: str) -> Markup:
    return _bare_input(type="hidden", name_=name, value=value)


def _bare_input(**attributes: str) -> Markup:
    return Markup(html_tag("input", **attributes).removesuffix("</input>"))


def _input(field: Field, *, focus: bool) -> Markup:
    attributes = {"id": field.name, "name_": field.name, "type": field.kind, "required": "", "value": field.value}
    attributes |= {"autocomplete": field.autocomplete or "off", "autocapitalize": "none", "spellcheck": "false"}
    attributes |= {"autofocus": ""} if focus else {}
    return join_markup([html_tag("label", field.label, for_=field.name), _bare_input(**attributes)])


def _languages(page: FormPage) -> Markup:
    choices = [
        html_tag("b", _LANGUAGE_NAMES[code])
        if code == language()
        else html_tag("a", _LANGUAGE_NAMES[code], href=_in_language(page, code), lang=code, hreflang=code)
        for code in sorted(LANGUAGES, reverse=True)
    ]
    return html_tag("footer", *choices, aria_label=_("Language"))


def _in_language(page: FormPage, code: str) -> str:
    """The same form in another language: what follows the sign-in goes along."""
    then = "" if page.next_path == "/" else f"&next={quote(page.next_path, safe='/')}"
    return f"{page.action}?lang={code}{then}"
