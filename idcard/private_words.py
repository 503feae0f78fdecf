"""Finds stated names and addresses with a house number in plain text (idcard.private_forms), and what is typed in Latin letters.

A name is looked for only where somebody says that one follows: 我叫, 姓名, 本人. 我是 and 本人 also stand before 湖北的 and 户口:
after them only a frequent surname with characters that are given as names counts.
"""
from __future__ import annotations

import re
from typing import Iterator, Optional

NAME, ADDRESS, EMAIL, OPENID = "姓名", "住址", "邮箱", "微信标识"
Span = tuple[str, int, int]  # kind, start, end

# ---- names ----------------------------------------------------------------------------------------------

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦"
    "贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖樊文温庄施洪季牛祝邢温俞章鲁葛毕聂丛焦柳邬"
    "齐梅庞安伍关路左涂申倪殷童詹欧岳纪耿翟凌柯游阮裴鲍华单翁管卞骆舒祁屈凡褚娄官佟蒲占翁练甘鞠阎刁尚饶冷辛桑简冉司谷盛阳解车宫费包"
    "苗宁窦蓝瞿柴苟麦穆计敖于桂连景尤古项荣苑艾鄢卜成邝鄂胥巩习牟晏楼喻滕闵宗乐臧佘慕沙匡池戚边虞柏房吉隋查储颜党郎滑花杭支冼覃仇")
_LONG_SURNAMES = "欧阳|上官|司马|诸葛|皇甫|东方|夏侯|尉迟|公孙|慕容|令狐|长孙|宇文|司徒|端木|南宫|百里|独孤|拓跋|呼延|闻人|轩辕"
# Characters of given names; some stand in 张三, 李四, 王小明, 某某.
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英霞平刚桂兰华慧建国红玉珍琴莉萍琳燕玲雪梅颖欣怡佳嘉俊浩宇轩博文子涵梓萱诗雨雅婷婧倩薇蕾菲宁"
    "洁莹晶晨曦阳旭东辉鹏飞翔龙虎斌彬武志坚毅峰岩松柏林森海波江川涌泽润鑫森淼焱垚金银铁柱锁根福贵财发禄寿喜庆祥瑞吉安康健乐欢悦爱仁义"
    "礼智信忠孝廉德善良正清廷宏伦尧舜禹汤启凯旋胜利成功达荣耀光亮帅帆航舟凡卓越群英才学思远立新兴家栋梁柏钧铭锋钢鸿鹤凤鸾凰云霄霖露"
    "霜冰寒雷震宝贝珠玥瑶璐琪瑾瑜璇琦珊珂莎芬芝芸芹莲荷蓉菊菁萌蓓蕊芷若茜淑惠贤妍妮娅婉婵嫣媛姗娇妹姣婕霏翠翠碧青紫丹彤赫炎焕烨煜熙"
    "辰昊昕晗晓晔景晖晴暄昱朝朗朋望天一二三四五六七八九十小大甲乙丙丁戊某春夏秋冬锤花草树苗木山石水火土田月星维绍绪继承先永长久恒世代"
    "传宗祖耀守业敬尊顺从书画琛璟睿哲聪颖懿楠楷栩槐杏桃桐榕樱可心如意念慈恩惜缘彦彪豪雄威猛奇宾钦佩邦振华汉民权卫援朝跃进解放向"
    "兵宝勤昆俭岚虹彩艺巧凯娴怀克冬杉佩骏骞颢沐奕屹君生元贞会改引娣弟招来顺喜双全有得春迎新岁芹芙菡芮蔓薛菱萦素纯洋洲滨淇渝湘桂川渊溪澜瀚清")
_BLANK = "[ ·.]?"
_FULL = f"(?:(?:{_LONG_SURNAMES}){_BLANK}[\u4e00-\u9fff](?:{_BLANK}[\u4e00-\u9fff])?|[{_SURNAMES}]{_BLANK}[\u4e00-\u9fff](?:{_BLANK}[\u4e00-\u9fff])?|[小阿某][\u4e00-\u9fff]{{1,2}})"
_LIKELY = f"(?:{_LONG_SURNAMES}|[{_SURNAMES}]){_BLANK}[{_GIVEN}](?:{_BLANK}[{_GIVEN}])?"
_FOREIGN = "[\u4e00-\u9fff]{1,8}(?:[·・•][\u4e00-\u9fff]{1,8})+|[a-z]{2,15}(?:[ ·.-][a-z]{2,15}){0,3}"

_ROLE = "户主|申请人|申领人|办理人|经办人|联系人|收件人|代办人|监护人|曾用名|持证人|当事人"
_KIN = "他|她|孩子|小孩|儿子|女儿|老公|老婆|爱人|丈夫|妻子|妈妈?|母亲|爸爸?|父亲|弟弟?|妹妹?|哥哥?|姐姐?|孙子|孙女|爷爷|奶奶|朋友|同事|室友|娃"
_KIN_BEFORE_NAME = "孩子|小孩|儿子|女儿|老公|老婆|爱人|丈夫|妻子|妈妈|母亲|爸爸|父亲|弟弟|妹妹|哥哥|姐姐|孙子|孙女|爷爷|奶奶|朋友|同事|室友|(?<=我)[爸妈弟妹哥姐]"
_IS = "(?: ?(?:是|为|叫|叫做|叫作|写的是|:|=))"
_OPEN = "[ :,，\"'“”‘’「【《(]{0,2}"
_SAYS_NAME = re.compile(
    f"(?:我(?:的)?(?:全名|大名|真名|本名)?叫(?:做|作)?|本人叫|在下叫?|鄙人叫?|名叫|名字(?:就)?{_IS}|名{_IS}|姓名{_IS}|(?:{_ROLE})(?:姓名)?{_IS}|(?:{_KIN})(?:名字)?叫(?:做|作)?"
    f"|my name is){_OPEN}")
_IN_A_FORM = re.compile(f"(?:姓名|名字|{_ROLE}){_OPEN}")
_HEADS_NAME = re.compile(f"(?:姓名|名字|name{_IS}|{_ROLE}|兹有|(?<=[,，。 ])叫){_OPEN}")
_SAYS_WHO = re.compile(f"(?:本人|在下|鄙人|我(?:就)?是|这是|您好是|你好是|(?:我家?的?)?(?:{_KIN_BEFORE_NAME})){_OPEN}")
_FIELD = re.compile("姓名 ?[:=] ?[\"'“]?([\u4e00-\u9fff]{2,6})(?=[^\u4e00-\u9fff·]|$)")
_SURNAME_ONLY = re.compile(f"(?:我(?:是)?|免贵)姓(?:的是)?([{_SURNAMES}]|{_LONG_SURNAMES})(?:(?:名|[,，] ?叫)([\u4e00-\u9fff]{{1,2}}))?(?=$|[^\u4e00-\u9fff]|[,，名叫单的我])")

# What may stand behind a name.
_END = re.compile(
    "$|[^\u4e00-\u9fff]|我|想|要|的|身份|证件|户口|户籍|今年|现在|来自|电话|手机|号码|联系|家住|住|男|女|汉族|请问|你好|您好|在|是|今天|补|换|办|丢|和|出生|"
    "性别|民族|年龄|来|去|能|可以|需要|有|麻烦|帮|到|从|也|就|他|她|这|吧|啊|呀|哈|昨天|前天|明天|呢|已经|刚|还|没|因|由于|于|属|生于|身高|申请|遗失|咨询|问|跟|同|及|与|本人|地址|那|嗯|呃|额")
_END_OF_LIKELY = re.compile(
    "$|[^\u4e00-\u9fff·]|我|想|要|身份|证件|户口|户籍|今年|现在|来自|电话|手机|号码|家住|男|女|汉族|请问|你好|您好|今天|昨天|补办|换证|丢了|"
    "的(?:身份|证|户口|爱人|妈|爸|老公|老婆|妻|丈夫|女儿|儿子|姐|妹|哥|弟|家|监护|电话|手机|号)|性别|民族|出生|申请|遗失|咨询|啊|呀|哈|本人|地址|有|在")
_END_IN_A_FORM = re.compile("[ ,，]?(?:\0|电话|手机|号码|身份证号|性别|男|女|年龄|出生|民族|住址|地址)")
_NO_NAME = re.compile(
    "周[一二三四五六日天末]|马上|小(?:孩|区|朋友|时|心|学|伙|姐|妹|弟|哥|事|编|程|度|额)|阿(?:姨|公|婆|妈|爸)|.?[去来了吗呢吧不没么什怎哪谁别帮]|车|"
    "曾[用经]|应该|方[便面式]|何时|文盲|高[中三二一龄校]|单[身位独亲]|党员|白[天领跑]|常[住年常]|成[年人都]|安[置家]|路[过上人]|边[上境]|于是|盛大|谢谢|连忙|"
    "余下|童年|史上|支付|计划|关于|查询|解[决放]|项目|房[东子产]|万[分一]|左右|包括|景[点区]|海[外归]|钱|叶子|季节|汉[族人]|武大|任何|东方|永远|平时|牛逼|高兴")
# Places that could be names of people (of regions.csv and places.yml; a test finds those that are missing): 我是江华的.
_PLACES = frozenset((
    "万全 安溪 尤溪 梁溪 花溪 郎溪 金溪 "
    "丁青 万宁 万山 万松 万柏 万秀 万荣 万达 乐业 乐东 乐安 乐山 乐平 乐清 习水 于田 任泽 余庆 余江 关东 关山 冷水江 凌云 "
    "凌海 华宁 华安 卢龙 古槐 古田 吉安 吉林 吉水 吉阳 吕梁 吴兴 吴家山 吴川 吴忠 吴江 周宁 唐山 姚安 姚家山 娄星 孔林 孟林 "
    "宁国 宁夏 宁安 宁强 宁德 宁明 宁武 宁江 宁波 宁海 宁远 宁阳 安义 安仁 安吉 安国 安宁 安庆 安康 安新 安泽 安福 安达 "
    "安远 安阳 安顺 安龙 尚义 尚志 岳阳 左云 左权 巩义 常宁 常山 常德 常福 康乐 康平 张家川 彭山 彭水 彭泽 彭阳 徐东 徐水 "
    "成华 成安 成武 房山 敖汉 文安 文山 文成 文水 方山 景东 景宁 林芝 柳林 柳江 桂东 桂子山 桂平 桂林 桂阳 梁山 梁平 梅江 "
    "武东 武义 武功 武威 武宁 武安 武山 武川 武平 武强 武汉 武江 武清 武胜 武进 武钢 江华 江夏 江宁 江安 江山 江川 江永 "
    "江汉 江海 江达 江阳 汪清 沈阳 沙洋 沙雅 洪山 洪江 洪泽 洪雅 温江 牟平 甘德 田东 田林 田阳 白云 白山 白朗 白水 白玉 "
    "白玉山 白银 石峰 石景山 石林 石柱 石龙 祁东 祁阳 秦安 简阳 罗山 罗平 罗江 罗田 聂荣 舒兰 舒安 花山 荣成 蒲江 蓝山 蓝田 "
    "贺兰 连云 连山 连平 连江 邵东 邵武 邵阳 邹平 邹成 鄂伦春 金东 金凤 金华 金安 金川 金平 金水 金秀 金阳 钟山 钟祥 阎良 "
    "阳东 阳信 阳山 阳新 阳明 阳春 阳江 陆川 陆良 雷山 雷波 饶平 饶阳 马山 马龙 高安 高平 高新 高阳 高青 鲁山 黄山 黄岩 "
    "黄平 黄梅 黄石 黄龙 黎川 黎平 龙凤 龙安 龙山 龙岩 龙川 龙文 龙江 龙海 龙胜 "
).split())
_IN_A_NAME = re.compile("[的了吗呢吧我你您他她它们么什怎哪谁这那去来没不]|身份|户口|名字|姓名")


def find_words(text: str) -> list[Span]:
    """Names, addresses, e-mail addresses and openids named as such in plain `text`, none over another."""
    found: list[Span] = []
    for finder in (_emails, _names, _addresses):
        for kind, start, end in finder(text):
            if not any(start < other_end and other_start < end for _, other_start, other_end in found):
                found.append((kind, start, end))
    return found


def _names(text: str) -> Iterator[Span]:
    for match in _FIELD.finditer(text):
        yield NAME, match.start(1), match.end(1)
    for before, pattern, end_of_name, certain in _RULES:
        for match in before.finditer(text):
            start = match.end()
            end = (certain and _foreign(text, start)) or _name(text, start, pattern, end_of_name, certain)
            if end and not (before is _SAYS_WHO and _names_a_place(text, start, end)):
                yield NAME, start, end
    for match in _SURNAME_ONLY.finditer(text):
        yield NAME, match.start(1), match.end(2) if match.group(2) else match.end(1)


_FULL_NAME, _LIKELY_NAME, _FOREIGN_NAME = (re.compile(pattern) for pattern in (_FULL, _LIKELY, _FOREIGN))
# What stands before a name, what it looks like, what stands behind it, whether it is a name whatever stands behind it.
_RULES = ((_SAYS_NAME, _FULL_NAME, _END, True), (_IN_A_FORM, _FULL_NAME, _END_IN_A_FORM, False),
          (_HEADS_NAME, _LIKELY_NAME, _END_OF_LIKELY, False), (_SAYS_WHO, _LIKELY_NAME, _END_OF_LIKELY, False))


def _names_a_place(text: str, start: int, end: int) -> bool:
    return text[start:end] in _PLACES or text[start:end - 1] in _PLACES


def _foreign(text: str, start: int) -> Optional[int]:
    match = _FOREIGN_NAME.match(text, start)
    return match.end() if match else None


def _name(text: str, start: int, pattern: re.Pattern, end_of_name: re.Pattern, certain: bool) -> Optional[int]:
    """Where the name that begins at `start` ends, the longest that something may follow; None where there is none."""
    match = pattern.match(text, start)
    if not match or _NO_NAME.match(text, start):
        return None
    for end in range(match.end(), start + 1, -1):
        if (pattern.fullmatch(text, start, end) and not _IN_A_NAME.search(text, start + 1, end)
                and end_of_name.match(text, end)):
            return end
    return match.end() if certain and not _IN_A_NAME.search(text, start + 1, match.end()) else None


# ---- addresses ------------------------------------------------------------------------------------------

_COUNT = "(?:[0-9]{1,5}|[零〇一二三四五六七八九十百两]{1,6})"
# What ends before a road begins: 武汉市洪山区|珞瑜路, 我住|珞瑜路, 派出所|温馨路.
_PART = "[^\\W0-9_省市区县镇乡住在到是址去来于为的了我你您他她们这那有走过沿顺所几哪知第和跟条]"
_ROAD = f"{_PART}{{1,7}}?(?:大道|[东南西北中]?路|[正大横直后前东南西北]?街|巷|弄|胡同)(?:[东南西北中]段|[东西南北]?[一二三四五六七八九十]巷)?"
_HOUSE = f" ?特?{_COUNT}(?:[-之]{_COUNT})? ?号(?![线口窗楼])"
_VILLAGE = f"{_PART}{{1,7}}?(?:村|庄|湾|屯|寨|社区) ?(?:(?:第?{_COUNT}(?:组|队|社))(?: ?{_COUNT}号)?|{_COUNT}号(?!楼))"
_BLOCK = f"{_COUNT} ?(?:栋|幢|座|号楼|#楼?)"
_ROOM = f"(?: ?{_COUNT} ?单元)?(?: ?{_COUNT} ?[楼层])? ?-?(?:{_COUNT}-)?{_COUNT} ?(?:室|号房|房|户|号)"
_UNIT = f"(?: ?{_COUNT} ?单元)(?: ?-?{_COUNT})?|[ -]?(?:[0-9]{{1,2}}-)?[0-9]{{3,4}}(?![0-9年月元])"
_DETAILS = f"(?:[ ,，-]?(?:[a-z][栋座区幢]|[东南西北]院|{_COUNT} ?(?:栋|幢|座|号楼|#楼?|单元|层|楼|室|号房|房|户|号|门)|(?:附|之){_COUNT}号?|(?<=[栋幢座楼元层]) ?(?:[0-9]{{2,4}}|[零〇一二三四五六七八九]{{3,4}})|-[0-9]{{1,4}})){{0,6}}"
_ESTATE = f"(?:{_PART}|(?<=[小社])区){{1,9}}(?:[a-z] ?区|[一二三四五六七八九]期|[东南西北]区)? ?"

_ADDRESS = re.compile("|".join((
    f"{_ROAD}{_HOUSE}{_DETAILS}",
    f"{_VILLAGE}{_DETAILS}",
    f"{_ESTATE}(?:[a-z] ?座|[a-z]?{_BLOCK}|[a-z] ?栋)(?:{_ROOM}|{_UNIT}){_DETAILS}",
    f"{_PART}{{1,8}}(?:小区|花园|公寓|家园|新村|苑|宿舍|大厦|广场){_ROOM}",
    f"{_PART}{{1,8}}(?:小区|花园|公寓|家园|新村|苑|[城府湾里园院])[0-9]{{1,3}}-[0-9]{{1,2}}-[0-9]{{3,4}}",
)))
_NO_ROAD = re.compile(f"(?:这|那|一|半|走|修|堵|问|带|迷|绕|铁|公|网|线|上|下|全|整|{_COUNT})?(?:路|街|巷|弄|村)(?=[0-9一二三四五六七八九十])")


def _addresses(text: str) -> Iterator[Span]:
    if not re.search("[号栋幢座室组队社元#-]", text) or not re.search(_COUNT, text):
        return
    for match in _ADDRESS.finditer(text):
        if not _NO_ROAD.match(text, match.start()):
            yield ADDRESS, match.start(), match.end()


# ---- Latin letters --------------------------------------------------------------------------------------

_EMAIL = re.compile(r"[a-z0-9][a-z0-9._%+-]{0,63} ?@ ?[a-z0-9-]{1,63}(?: ?\. ?[a-z0-9-]{1,63}){1,4}")
_CALLED_OPENID = re.compile("(?:open|union)_?id ?[\"']? ?[:=是为] ?[\"']? ?([a-z0-9_-]{10,64})")
_WECHAT_ACCOUNT = re.compile("wxid-[a-z0-9]{8,24}|(?:微信号?|wechat)(?:号码?|id)?(?:(?:是|为|:| ){1,2}|(?=[a-z_-]*[0-9]))([a-z][a-z0-9_-]{5,19})(?![a-z0-9])")


def _emails(text: str) -> Iterator[Span]:
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield EMAIL, match.start(), match.end()
    for match in _CALLED_OPENID.finditer(text):
        yield OPENID, match.start(1), match.end(1)
    for match in _WECHAT_ACCOUNT.finditer(text):
        group = 1 if match.group(1) else 0
        yield OPENID, match.start(group), match.end(group)
