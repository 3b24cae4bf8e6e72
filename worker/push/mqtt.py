"""paho-mqtt as Apprise's MQTT plugin sees it: the unchanged plugin publishes over our kept connections."""

import ssl
import sys
from typing import Any

import certifi
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from worker.guard import PrivateAddressError
from worker.push.answer import Answer, Failure
from worker.push.bridge import note, private
from worker.push.brokers import BrokerAwayError, Login, LoginRefusedError
from worker.push.greenlets import await_in_greenlet
from worker.push.wire import wire

PLUGIN = "apprise.plugins.mqtt"


class Published:
    """What publishing gives back; it only comes back when the message was taken."""

    rc = paho.MQTT_ERR_SUCCESS

    def is_published(self) -> bool:
        """Say that it was."""
        return True


class Client:
    """What the plugin uses of paho's client. It connects to nothing: connections are the wire's."""

    def __init__(
        self,
        _callbacks: Any,
        *,
        client_id: str | None,
        clean_session: bool,
        protocol: Any,
        **_given: Any,
    ) -> None:
        # As the real one does, also where a channel's address is only read: refuse what cannot be.
        paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=clean_session,
            protocol=protocol,
        )
        self._given: dict[str, Any] = {
            "client_id": client_id,
            "clean_session": clean_session,
            "protocol": protocol,
        }

    def username_pw_set(self, user: str, password: str | None = None) -> None:
        """Note the login."""
        self._given |= {"user": user, "password": password}

    def tls_set(self, *, cert_reqs: ssl.VerifyMode, **_given: Any) -> None:
        """Note that TLS is wanted; which certificates are trusted is the wire's."""
        self._given |= {"tls": True, "verify": cert_reqs == ssl.CERT_REQUIRED}

    def connect(self, host: str, *, port: int, **_given: Any) -> int:
        """Note where to."""
        self._given |= {"host": host, "port": port}
        return paho.MQTT_ERR_SUCCESS

    def is_connected(self) -> bool:
        """Say yes: it is seen to when there is something to send."""
        return True

    def publish(self, topic: str, *, payload: str, qos: int, retain: bool) -> Published:
        """Send a message, and come back when the broker has it; raises as paho does."""
        login = Login(**self._given, enters_private=bool(private.get()))
        await_in_greenlet(_publish(login, topic, payload, qos, retain=retain))
        return Published()

    def _nothing(self, *_: Any, **__: Any) -> None:
        """Do nothing: the connection lives on."""

    max_inflight_messages_set = tls_insecure_set = loop_start = loop_stop = disconnect = _nothing


class Mqtt:
    """The module `paho.mqtt.client` with our client in it."""

    Client = Client

    def __getattr__(self, name: str) -> Any:
        return getattr(paho, name)


mqtt_on_the_wire = Mqtt()


def put_under_plugin() -> None:
    """Give Apprise's MQTT plugin our connections."""
    module: Any = sys.modules[PLUGIN]
    module.mqtt = mqtt_on_the_wire
    module.sleep = lambda _seconds: None  # it sleeps for a handshake that is not its own
    module.NotifyMQTT.CA_CERTIFICATE_FILE_LOCATIONS = [certifi.where()]  # a bare machine may have none


async def _publish(login: Login, topic: str, payload: str, qos: int, *, retain: bool) -> None:
    try:
        await wire().brokers.publish(login, topic, payload, qos, retain=retain)
    except PrivateAddressError:
        raise _noted(Failure.private) from None
    except LoginRefusedError:
        raise _noted(Failure.login) from None
    except ssl.SSLError:
        raise _noted(Failure.untrusted) from None
    except TimeoutError:
        raise _noted(Failure.no_answer) from None
    except BrokerAwayError:
        raise _noted(Failure.unreachable) from None


def _noted(failure: Failure) -> ConnectionError:
    note(Answer(failure=failure))
    return ConnectionError(str(failure))
