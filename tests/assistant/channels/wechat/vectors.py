"""Test vectors: the platform's own (V1 to V4), of its sister product (V5), of wechatpy (V6), and of this project (V7, V8)."""
from typing import NamedTuple, Optional


class Vector(NamedTuple):
    """An encrypted text and its signature; `random` where the encryption is to be reproduced."""

    token: str
    encoding_key: str
    app_id: str
    timestamp: str
    nonce: str
    encrypted: str
    signature: str
    text: str
    random: Optional[str] = None


OFFICIAL_KEY, OFFICIAL_ID = "A" * 43, "wxba5fad812f8e6fb9"
OWN = ("rasaWechatTok3n", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx0123456789abcdef", "1700000000", "1234567890")
OWN_XML = (
    "<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName><FromUserName><![CDATA[oTEST00000000000000000000001]]></FromUserName>"
    "<CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[我想办理居住证😀]]></Content>"
    "<MsgId>7250021412600020992</MsgId></xml>")

# (parts that are signed, signature)
SIGNATURES = {
    "V1 address check": (("AAAAA", "1714036504", "1514711492"), "f464b24fc39322e44b38aa78f5edd27bd1441696"),
    "V2 plain push": (("AAAAA", "1714037059", "486452656"), "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
    "V3 safe push, its address": (("AAAAA", "1714112445", "415670741"), "6c5c811b55cc85e0e1b54100749188c20beb3f5d"),
    "V7 its address": ((OWN[0], *OWN[3:]), "76def291dffd97103235669175ef28eb8a927ad7"),
}

ENCRYPTED = {
    "V3 safe push": Vector(
        "AAAAA", OFFICIAL_KEY, OFFICIAL_ID, "1714112445", "415670741",
        "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT"
        "740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8Y"
        "L/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=",
        "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
        '{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event",'
        '"Event":"debug_demo","debug_str":"hello world"}', "a8eedb185eb2fecf"),
    "V4 encrypted reply": Vector(
        "AAAAA", OFFICIAL_KEY, OFFICIAL_ID, "1713424427", "415670741",
        "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==",
        "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1", '{"demo_resp":"good luck"}', "707722b803182950"),
    "V5 the sister product": Vector(
        "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7", "1409659589", "263014780",
        "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
        "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", "1616140317555161061"),
    "V6 wechatpy": Vector(
        "123456", "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", "wx49f0ab532d5d035a", "1411443780", "437374425",
        "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q==",
        "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96", "5927782489442352469"),
    "V7 Chinese and emoji": Vector(
        *OWN,
        "Q3stYC6hdFzMh9T8HCvyDFn+TfbFEve39j7tR5w1dHqrXnUBurjD2mnmqru8euLw7jk4ZE48aaHtWkhFNIyB9nki9QSNUeNpPmoYD2n3KbYybJlmiHKE"
        "4pGoev5DUd6yeHAHymMH0qS2k6etGr5RMVLLl/KCjMJo2huCNHnYKhg78ofDeFabaxk75Prq5vBQU+eIXQlNrree0UQT4+4+q3aHoAPyfjq4hAYAy+Wk"
        "vMi1IJTJWFwBF8DsfDRzuwufQo4Ppzey+KIdANQ+SsNplpV3JFcupzXe67GtUGnfkdqCroWvkHu9CsledGopAkI4XU88EAoSLgMySd7Cd/9+eU3BvFsd"
        "Heo3H6zLsf5rnSEtUIHlRSu5W/5agsACE+9CXL1e2oNS+uJ2rxot53gXuuXRXgLiZVNyNev4pR5XOWECz60vFy+kjLMbfVV2wVECzZYGk9iZ1K43/hZC"
        "dPqgpA==",
        "0bae0f4bc571548962f57d063e1ca63a9ccabec9", OWN_XML, "0123456789abcdef"),
    "V8 a whole block of padding": Vector(
        *OWN,
        "Q3stYC6hdFzMh9T8HCvyDHDxbrF7f8TfmYxXSN1y2Vbjja9RgRLcXPjzJF67v90Vr3HKiuEL04e7gdJi1DufsXo0wvTp5Iwc7Rt+04Oq4Q1t7yZ26HdY"
        "DJfk5lsZrMIt",
        "eaba1d3348c1d83b04050b1f2042f30aadefda0b", "x" * 26, "0123456789abcdef"),
}
