"""What the box and its notifications say, in each language. Pure."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts in one language; `{topic}` stands for the topic's name."""

    title: str
    offer: str
    notify: str  # the button
    asking: str  # while the browser asks
    busy: str
    subscribed: str
    unsubscribe: str  # the button
    left: str
    refused: str
    unsupported: str
    home: str  # on an iPhone or iPad, outside the home screen
    window: str  # while the small window is open
    failed: str
    mail: str  # a link
    mute: str  # a button of the notification
    settings: str  # the other


TEXTS = {
    "en": Texts(
        title="Never miss breaking news on {topic}",
        offer="Get notifications to stay updated",
        notify="Notify me",
        asking="Please answer your browser's question.",
        busy="One moment…",
        subscribed="You're subscribed",
        unsubscribe="Unsubscribe",
        left="You're not subscribed any more.",
        refused="Notifications from this site are blocked. Allow them in your browser's settings for this "
        "site, then reload the page.",
        unsupported="This browser cannot show notifications.",
        home="On an iPhone or iPad, tap Share, then Add to Home Screen, and open this site from there.",
        window="Please go on in the small window.",
        failed="That did not work. Check your connection and try again.",
        mail="Get e-mails instead",
        mute="Mute this story",
        settings="Settings",
    ),
    "he": Texts(
        title="לא מפספסים חדשות דחופות על {topic}",
        offer="קבלו התראות והישארו מעודכנים",
        notify="עדכנו אותי",
        asking="נא לענות על שאלת הדפדפן.",
        busy="רק רגע…",
        subscribed="נרשמתם",
        unsubscribe="ביטול ההרשמה",
        left="ההרשמה בוטלה.",
        refused="ההתראות מהאתר הזה חסומות. אפשרו אותן בהגדרות הדפדפן לאתר זה וטענו מחדש את הדף.",
        unsupported="הדפדפן הזה אינו יכול להציג התראות.",
        home="באייפון או באייפד: הקישו על שיתוף, אחר כך על הוספה למסך הבית, ופתחו את האתר משם.",
        window="נא להמשיך בחלון הקטן.",
        failed="הפעולה לא הצליחה. בדקו את החיבור ונסו שוב.",
        mail="לקבלת הודעות בדואר אלקטרוני",
        mute="השתקת הסיפור הזה",
        settings="הגדרות",
    ),
    "ar": Texts(
        title="لا تفوّت الأخبار العاجلة عن {topic}",
        offer="فعّل الإشعارات لتبقى على اطلاع",
        notify="أشعرني",
        asking="يرجى الإجابة عن سؤال المتصفح.",
        busy="لحظة من فضلك…",
        subscribed="تم الاشتراك",
        unsubscribe="إلغاء الاشتراك",
        left="أُلغي الاشتراك.",
        refused="إشعارات هذا الموقع محظورة. اسمح بها في إعدادات المتصفح لهذا الموقع ثم أعد تحميل الصفحة.",
        unsupported="لا يستطيع هذا المتصفح عرض الإشعارات.",
        home="على آيفون أو آيباد: اضغط على مشاركة، ثم إضافة إلى الشاشة الرئيسية، وافتح الموقع من هناك.",
        window="يرجى المتابعة في النافذة الصغيرة.",
        failed="لم تنجح العملية. تحقق من الاتصال وحاول مرة أخرى.",
        mail="استلام التنبيهات بالبريد الإلكتروني",
        mute="كتم هذا الخبر",
        settings="الإعدادات",
    ),
    "fr": Texts(
        title="Ne manquez aucune info urgente : {topic}",
        offer="Recevez des notifications pour rester informé",
        notify="M'avertir",
        asking="Répondez à la question de votre navigateur.",
        busy="Un instant…",
        subscribed="Vous êtes abonné",
        unsubscribe="Se désabonner",
        left="Vous n'êtes plus abonné.",
        refused="Les notifications de ce site sont bloquées. Autorisez-les dans les réglages du navigateur "
        "pour ce site, puis rechargez la page.",
        unsupported="Ce navigateur ne peut pas afficher de notifications.",
        home="Sur iPhone ou iPad, touchez Partager, puis Sur l'écran d'accueil, et ouvrez le site de là.",
        window="Continuez dans la petite fenêtre.",
        failed="Cela n'a pas fonctionné. Vérifiez votre connexion et réessayez.",
        mail="Recevoir plutôt des e-mails",
        mute="Couper cette histoire",
        settings="Réglages",
    ),
    "es": Texts(
        title="No te pierdas ninguna noticia de última hora sobre {topic}",
        offer="Recibe notificaciones para estar al día",
        notify="Avísame",
        asking="Responde a la pregunta del navegador.",
        busy="Un momento…",
        subscribed="Ya estás suscrito",
        unsubscribe="Cancelar la suscripción",
        left="Ya no estás suscrito.",
        refused="Las notificaciones de este sitio están bloqueadas. Permítelas en los ajustes del navegador "
        "para este sitio y recarga la página.",
        unsupported="Este navegador no puede mostrar notificaciones.",
        home="En un iPhone o iPad, toca Compartir, luego Añadir a pantalla de inicio, y abre el sitio allí.",
        window="Continúa en la ventana pequeña.",
        failed="No ha funcionado. Comprueba tu conexión e inténtalo de nuevo.",
        mail="Recibir correos en su lugar",
        mute="Silenciar esta noticia",
        settings="Ajustes",
    ),
    "de": Texts(
        title="Keine Eilmeldung verpassen: {topic}",
        offer="Mit Benachrichtigungen auf dem Laufenden bleiben",
        notify="Benachrichtigen",
        asking="Bitte beantworten Sie die Frage des Browsers.",
        busy="Einen Augenblick…",
        subscribed="Sie sind angemeldet",
        unsubscribe="Abmelden",
        left="Sie sind nicht mehr angemeldet.",
        refused="Benachrichtigungen dieser Seite sind blockiert. Erlauben Sie sie in den Einstellungen des "
        "Browsers für diese Seite und laden Sie sie neu.",
        unsupported="Dieser Browser kann keine Benachrichtigungen zeigen.",
        home="Auf iPhone oder iPad: Teilen antippen, dann Zum Home-Bildschirm, und die Seite dort öffnen.",
        window="Bitte im kleinen Fenster fortfahren.",
        failed="Das hat nicht geklappt. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.",
        mail="Lieber E-Mails erhalten",
        mute="Diese Meldung stummschalten",
        settings="Einstellungen",
    ),
    "ru": Texts(
        title="Не пропустите срочные новости: {topic}",
        offer="Включите уведомления, чтобы быть в курсе",
        notify="Уведомлять",
        asking="Ответьте, пожалуйста, на вопрос браузера.",
        busy="Секунду…",
        subscribed="Вы подписаны",
        unsubscribe="Отписаться",
        left="Вы больше не подписаны.",
        refused="Уведомления этого сайта заблокированы. Разрешите их в настройках браузера для этого сайта "
        "и обновите страницу.",
        unsupported="Этот браузер не умеет показывать уведомления.",
        home="На iPhone или iPad нажмите «Поделиться», затем «На экран Домой» и откройте сайт оттуда.",
        window="Продолжите, пожалуйста, в маленьком окне.",
        failed="Не получилось. Проверьте соединение и попробуйте ещё раз.",
        mail="Получать письма",
        mute="Не сообщать об этом",
        settings="Настройки",
    ),
}
RIGHT_TO_LEFT = frozenset({"ar", "he"})
OLD_NAMES = {"iw": "he"}  # what some still call Hebrew


def language_of(wanted: str) -> str:
    """Choose the texts' language for a page in the language `wanted` (BCP 47): English where none fits."""
    first = wanted.replace("_", "-").partition("-")[0].lower()
    first = OLD_NAMES.get(first, first)
    return first if first in TEXTS else "en"


def direction_of(language: str) -> Literal["ltr", "rtl"]:
    """Give the direction of a language of TEXTS."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"
