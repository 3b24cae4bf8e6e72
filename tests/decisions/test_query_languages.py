"""What a subscriber expects of words, language by language. Articles are made up."""

import pytest

from subscriptions.queries import ArticleText, analyse, match, parse_query

RINGS, SILENT = True, False

CASES = {
    "English": [
        ("a headline in capitals rings for the small word", "earthquake", "EARTHQUAKE HITS COAST", RINGS),
        ("one strike is found among strikes", "strike", "Rail strikes spread", RINGS),
        ("many strikes are found in one strike", "strikes", "Rail strike ends", RINGS),
        ("countries find a country", "countries", "A country votes", RINGS),
        ("houses find a house", "houses", "The house burned", RINGS),
        ("a word in quotes is that word only", '"strike"', "Rail strikes spread", SILENT),
        ("news is not the plural of new", "news", "A new deal", SILENT),
        ("Hama is a city and Hamas is not", "Hama", "Hamas says talks go on", SILENT),
        ("what is important is no import", "import", "An important vote", SILENT),
        ("AI rings for AI", "AI", "The AI race", RINGS),
        ("AI rings for AI-powered", "AI", "An AI-powered drone", RINGS),
        ("US does not ring for us", "US", "They told us", SILENT),
        ("US rings for U.S.", "US", "The U.S. votes", RINGS),
        ("U.S. rings for US", "U.S.", "The US votes", RINGS),
        ("u.s. in small letters still means the country", "u.s.", "They told us", SILENT),
        ("a term in small letters rings for every spelling", "nato", "Nato and NATO meet", RINGS),
        ("IT does not ring for it", "IT", "It rained", SILENT),
        ("WHO does not ring for who", "WHO", "Who won?", SILENT),
        ("WHO rings for the WHO's chief", "WHO", "WHO's chief resigns", RINGS),
        ("NGO rings for NGOs", "NGO", "Two NGOs leave", RINGS),
        ("capitals in a phrase stay capitals", '"US troops"', "They brought us troops", SILENT),
        ("a country is found in its possessive", "Israel", "Israel’s army", RINGS),
        ("a possessive is passed over in a phrase", '"Israel army"', "Israel’s army", RINGS),
        ("an Irish name without its apostrophe", "OReilly", "Tim O'Reilly said", RINGS),
        ("an Irish name with its apostrophe", "O'Reilly", "Tim OReilly said", RINGS),
        ("a typographic apostrophe is an apostrophe", "O'Reilly", "Tim O’Reilly said", RINGS),
        ("a name is not its tail", "O'Reilly", "Reilly said", SILENT),
        ("hyphen or not", "covid19", "Covid-19 returns", RINGS),
        ("not or hyphen", "covid-19", "COVID19 returns", RINGS),
        ("AT&T is one name", "AT&T", "AT&T’s deal", RINGS),
        ("AT&T is not at t", "AT&T", "at t", SILENT),
        ("R&D is not R", "R", "R&D budgets", SILENT),
        ("C++ is a language", "C++", "Learn C++ now", RINGS),
        ("C++ is not vitamin C", "C++", "Take vitamin C", SILENT),
        ("C# is not C", "C#", "Take vitamin C", SILENT),
        ("3.5 is one number", "3.5", "Prices up 3.5%", RINGS),
        ("3.5 is not 3 and 5", "3.5", "3 to 5 points", SILENT),
        ("a thousand with its comma", "1000", "1,000 flee", RINGS),
        ("hidden characters do not hide a word", "Israel", "Is\u200bra\u00adel", RINGS),
        ("wide letters are letters", "covid", "ＣＯＶＩＤ returns", RINGS),
        ("accents may be left out", "Zelenskyy Łódź", "Zelenskyy in Lodz", RINGS),
        ("a hashtag is its word", "ceasefire", "#ceasefire now", RINGS),
        ("a part of a word is not the word", "art", "The party starts", SILENT),
    ],
    "Hebrew": [
        ("a word is found behind its prefix", "עזה", "הלחימה בעזה נמשכת", RINGS),
        ("a word is found behind several prefixes", "ישראל", "דווח ושבישראל שלטו", RINGS),
        ("the article stands after other prefixes only", "ממשלה", "ובהממשלה", RINGS),
        ("a word in quotes has no prefix", '"עזה"', "הלחימה בעזה", SILENT),
        ("a word in quotes is found as it is", '"עזה"', "עזה הבוקר", RINGS),
        ("an abbreviation with a quote is no phrase", 'צה"ל', 'צה"ל תקף', RINGS),
        ("its quote may be gershayim", 'צה"ל', "צה״ל תקף", RINGS),
        ("its quote may be left out", "צהל", 'צה"ל תקף', RINGS),
        ("an abbreviation in quotes", '"צה"ל תקף"', 'הבוקר צה"ל תקף', RINGS),
        ("points do not matter in articles", "שלום", "שָׁלוֹם", RINGS),
        ("points do not matter in queries", "שָׁלוֹם", "שלום", RINGS),
        ("geresh or apostrophe", "ג'ורג'", "ג׳ורג׳", RINGS),
        ("a maqaf is a hyphen", "תל-אביב", "בתל־אביב נערכה", RINGS),
        ("a prefix before a name in quotes", "הארץ", 'כך פורסם ב"הארץ" אתמול', RINGS),
    ],
    "Arabic": [
        ("hamza on alef does not matter", "ايران", "إيران تعلن", RINGS),
        ("a joined and", "إيران", "سوريا وإيران", RINGS),
        ("a joined in", "غزة", "القصف بغزة", RINGS),
        ("ta marbuta or ha", "غزه", "قطاع غزة", RINGS),
        ("the article is found without", "حرب", "الحرب مستمرة", RINGS),
        ("the article may be in the query", "الحرب", "حرب جديدة", RINGS),
        ("the article after to", "الحرب", "لا للحرب", RINGS),
        ("harakat do not matter", "محمد", "مُحَمَّد", RINGS),
        ("tatweel does not matter", "محمد", "محـــمد", RINGS),
        ("Arabic digits are digits", "2024", "عام ٢٠٢٤", RINGS),
        ("a word in quotes has no article", '"حرب"', "الحرب مستمرة", SILENT),
    ],
    "Russian": [
        ("a country in another case", "Израиль", "Удар по Израилю", RINGS),
        ("elections in another case", "выборы", "После выборов", RINGS),
        ("a word in quotes is in that case", '"выборы"', "После выборов", SILENT),
        ("short i is a letter of its own", '"мой"', "мои", SILENT),
        ("yo is written as ye", "Королёв", "Королев взлетел", RINGS),
        ("a stress mark does not matter", "замок", "за\u0301мок", RINGS),
        ("capitals are capitals", "США", "Власти США", RINGS),
        ("a decomposed short i is the same letter", "Толстой", "Толстои\u0306", RINGS),
    ],
    "Turkish": [
        ("dotted capital i", "istanbul", "İSTANBUL", RINGS),
        ("dotless i", "Diyarbakir", "Diyarbakır", RINGS),
        ("capital I of dotless i", "ısı", "ISI", RINGS),
        ("an ending behind an apostrophe", "İstanbul", "İstanbul'da deprem", RINGS),
        ("the plural of election", "seçim", "Genel seçimler ertelendi, hükümet açıkladı", RINGS),
        ("earthquake with an ending", "deprem", "Bu depremde kimse yaralanmadı", RINGS),
    ],
    "German": [
        ("sharp s is ss", "strasse", "Auf der Straße", RINGS),
        ("ss is sharp s", "Straße", "STRASSE GESPERRT", RINGS),
        ("an umlaut may be left out", "Muller", "Frau Müller sagt", RINGS),
        ("the plural of election", "Wahl", "Die Wahlen im Herbst werden vorgezogen", RINGS),
        ("a genitive", "Israel", "Israels Armee greift an, sagt der Sprecher", RINGS),
        ("another genitive", "Erdbeben", "Die Opfer des Erdbebens in der Türkei", RINGS),
        ("German quotes are quotes", "„frau müller“", "Frau Müller sagt", RINGS),
    ],
    "French": [
        ("J'ai is no AI", "AI", "J'ai gagné", SILENT),
        ("J'AI is no AI either", "AI", "J'AI GAGNÉ", SILENT),
        ("l' is stripped", "Iran", "l’Iran attaque", RINGS),
        ("l' in the query is stripped", "l'Iran", "Iran attaque", RINGS),
        ("qu' is stripped", "Israël", "Parce qu'Israël attaque", RINGS),
        ("d' is stripped and capitals stay", "UE", "Un sommet d'UE", RINGS),
        ("accents may be left out", "seisme", "Séisme en mer", RINGS),
        ("accents may be typed", "Séisme", "SEISME EN MER", RINGS),
        ("the plural", "élection", "Les élections", RINGS),
        ("the plural in x", "feu", "Les feux", RINGS),
        ("an old apostrophe stays inside", "aujourd'hui", "Aujourd’hui encore", RINGS),
        ("guillemets are quotes", "«sommet européen»", "Un sommet européen", RINGS),
    ],
    "Chinese": [
        ("a name inside a run", "以色列", "据报道以色列总理访问", RINGS),
        ("a word inside a run", "总理", "以色列总理访问", RINGS),
        ("two words anywhere", "总理 访问", "以色列总理昨日访问", RINGS),
        ("a name in quotes", '"以色列总理"', "以色列总理访问", RINGS),
        ("characters in another order are another word", "列以色", "以色列", SILENT),
        ("two characters and a star", "以色*", "以色列总理", RINGS),
        ("Latin names beside characters", "iPhone", "新iPhone发布", RINGS),
    ],
    "Japanese": [
        ("a city inside a run", "東京", "東京都で地震", RINGS),
        ("katakana inside a run", "イスラエル", "イスラエル軍が発表", RINGS),
        ("half-width kana are kana", "ガス", "ｶﾞｽ爆発", RINGS),
        ("voiced kana are other letters", "かす", "がす", SILENT),
        ("decomposed kana are the same", "ガス", "カ\u3099ス", RINGS),
        ("Japanese quotes are quotes", "「東京都」", "東京都で地震", RINGS),
    ],
    "Korean": [
        ("a noun with its particle", "이스라엘", "이스라엘이 공격했다", RINGS),
        ("a noun with another noun", "이스라엘", "이스라엘군 발표", RINGS),
        ("a noun in quotes with its particle", '"이스라엘"', "이스라엘은", RINGS),
        ("a noun in quotes without another noun", '"이스라엘"', "이스라엘군 발표", SILENT),
        ("a noun of one syllable", "핵", "핵을 포기", RINGS),
        ("an ending is not a country", "이란", "전쟁이란 무엇인가", SILENT),
    ],
    "Thai": [
        ("a name inside a run", "อิสราเอล", "กองทัพอิสราเอลโจมตี", RINGS),
        ("a word with vowel marks inside a run", "น้ำท่วม", "เกิดน้ำท่วมใหญ่", RINGS),
        ("other marks are other words", "นาทวม", "น้ำท่วม", SILENT),
        ("Thai digits are digits", "2567", "ปี ๒๕๖๗", RINGS),
    ],
    "Hindi": [
        ("a country", "भारत", "भारत में मतदान", RINGS),
        ("vowel marks are kept", "की", "कि", SILENT),
        ("another case", "चुनाव", "चुनावों में", RINGS),
        ("Hindi digits are digits", "2024", "वर्ष २०२४", RINGS),
        ("a nukta typed apart is the same letter", "बड़ा", "बड\u093cा", RINGS),
    ],
    "Greek": [
        ("capitals have no accents", "σεισμός", "ΣΕΙΣΜΟΣ", RINGS),
        ("another case", "σεισμός", "του σεισμού", RINGS),
        ("capitals are capitals", "ΗΠΑ", "Οι ΗΠΑ", RINGS),
        ("the plural in another case", "εκλογές", "μετά τις εκλογών", RINGS),
    ],
}


@pytest.mark.parametrize(
    ("query", "title", "rings"),
    [
        pytest.param(*case, id=f"{language}: {sentence}")
        for language, cases in CASES.items()
        for sentence, *case in cases
    ],
)
def test_a_topic_rings_for_what_its_reader_means(query: str, title: str, rings: bool) -> None:  # noqa: FBT001 - a column
    assert (match(parse_query(query), analyse(ArticleText(title))) is not None) is rings


@pytest.mark.parametrize(
    ("language", "query", "title"),
    [("tr", "seçim", "Seçimler"), ("de", "Kanzler", "Kanzlers"), ("de-AT", "Wahl", "Wahlen")],
)
def test_the_language_a_source_names_is_believed(language: str, query: str, title: str) -> None:
    assert match(parse_query(query), analyse(ArticleText(title, language=language)))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The prime minister said on Monday that the talks would go on.", "en"),
        ("ראש הממשלה אמר הבוקר כי השיחות יימשכו", "he"),
        ("Премьер-министр заявил, что переговоры продолжатся", "ru"),
        ("Başbakan pazartesi günü görüşmelerin süreceğini söyledi", "tr"),
        ("首相表示会谈将继续进行", "zh"),
        ("12345", ""),
        ("", ""),
        ("\x00\x07\ud800", ""),
    ],
)
def test_a_language_nobody_named_is_guessed_or_left_open(text: str, language: str) -> None:
    assert analyse(ArticleText(text)).language == language
