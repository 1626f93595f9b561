"""Numbers, times, addresses of the net and log lines that stand around names."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .listed import LISTED

LOGGED = LISTED["numbers"]["logged"]
SHORT = LISTED["numbers"]["short"]
CHINESE_LOGGED = LISTED["numbers"]["chinese_logged"]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Draws what is neither name nor address."""

    random: Random

    def digits(self, count: int) -> str:
        """So many digits."""
        return "".join(self.random.choice("0123456789") for _ in range(count))

    def phone(self) -> str:
        """A mobile or landline number, spaced, masked or plain."""
        draw = self.random
        chance = draw.random()
        number = "1" + draw.choice("3456789") + self.digits(9)
        if chance < 0.8:
            return number
        if chance < 0.88:
            return f"0{draw.randint(10, 999)}-{self.digits(8)}"
        if chance < 0.92:
            return f"{number[:3]}{draw.choice(' -')}{number[3:7]}{draw.choice(' -')}{number[7:]}"
        if chance < 0.96:
            return number[:3] + "****" + number[7:]
        return "+86 " + number

    def identity(self) -> str:
        """Something like an identity number."""
        return self.digits(17) + self.random.choice("0123456789X")

    def waybill(self) -> str:
        """Something like a waybill number."""
        return self.random.choice(("SF", "YT", "JT", "JD", "", "", "7", "77")) + self.digits(13)

    def mail(self) -> str:
        """A mail address."""
        return self.digits(self.random.randint(6, 10)) + "@qq.com"

    def time(self) -> str:
        """A date, perhaps with a time."""
        draw = self.random
        day = f"{draw.randint(2008, 2025)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"
        return day + (
            f" {draw.randint(0, 23):02d}:{draw.randint(0, 59):02d}" if draw.random() < 0.6 else ""
        )

    def log(self) -> str:
        """A line of a log."""
        draw = self.random
        text = draw.choice(LOGGED) if draw.random() < 0.75 else draw.choice(CHINESE_LOGGED)
        tail = draw.choice(
            (
                "",
                self.digits(draw.randint(1, 14)),
                f"{draw.getrandbits(64):x}",
                f"/data/{draw.getrandbits(20):x}.log",
            )
        )
        head = draw.choice(
            (
                "",
                self.time() + " ",
                f"[{self.time()}] ",
                f"{draw.randint(0, 255)}.{draw.randint(0, 255)}.1.2 - ",
            )
        )
        return head + text + draw.choice((" ", "", "=", ": ")) + tail

    def machine(self) -> str:
        """A line of tokens that only machines write, seldom with Chinese words."""
        draw = self.random
        signs: tuple[str, ...] = (
            *"   :=/.-_@#[]()",
            ", ",
            " - ",
            "...",
            " | ",
            ": ",
            "::",
            "##",
            "##",
            "......",
        )
        if draw.random() < 0.3:  # counters and addresses, all with the same sign between them
            sign: str = draw.choice(signs)
            return sign.join(self.digits(draw.randint(1, 12)) for _ in range(draw.randint(2, 9)))
        if draw.random() < 0.12:  # names of hosts
            parts = "-".join(str(draw.randint(0, 255)) for _ in range(4))
            return f"{self.token()} {self.token()}-{parts}-{self.token()}.{self.token()}.com"
        text = "".join(self.token() + draw.choice(signs) for _ in range(draw.randint(3, 24)))
        return text + (draw.choice(CHINESE_LOGGED) if draw.random() < 0.15 else "")

    def token(self) -> str:
        """One token: a number, a letter with a number, hex, a word."""
        draw = self.random
        chance = draw.random()
        if chance < 0.3:
            return str(draw.randint(0, 10 ** draw.randint(1, 10)))
        if chance < 0.5:
            return draw.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") + str(
                draw.randint(0, 99)
            )
        if chance < 0.62:
            return f"{draw.getrandbits(draw.choice((8, 16, 32, 64))):x}"
        if chance < 0.7:
            return str(draw.choice(SHORT))
        words: list[str] = draw.choice(LOGGED).split()
        return str(draw.choice(words))
