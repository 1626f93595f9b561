"""Generator of numbers, dates, mail addresses and log lines, the frequent neighbours of names."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .word_lists import WORD_LISTS

LOG_TEXTS = WORD_LISTS["numbers"]["logged"]
SHORT_WORDS = WORD_LISTS["numbers"]["short"]
CHINESE_LOG_TEXTS = WORD_LISTS["numbers"]["chinese_logged"]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Generator of texts that are neither a name nor an address."""

    random: Random

    def digits(self, count: int) -> str:
        """Return ``count`` random digits."""
        return "".join(self.random.choice("0123456789") for _ in range(count))

    def phone(self) -> str:
        """Return a random mobile or landline number, plain, spaced or masked: ``138****8000``."""
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

    def identity_number(self) -> str:
        """Return 18 characters with the form of an identity number. The check digit is random."""
        return self.digits(17) + self.random.choice("0123456789X")

    def waybill(self) -> str:
        """Return a random number with the form of a waybill number: ``SF`` and 13 digits."""
        return self.random.choice(("SF", "YT", "JT", "JD", "", "", "7", "77")) + self.digits(13)

    def email(self) -> str:
        """Return a random QQ mail address."""
        return self.digits(self.random.randint(6, 10)) + "@qq.com"

    def time(self) -> str:
        """Return a random date, often with a time: ``2024-05-01 12:30``."""
        draw = self.random
        day = f"{draw.randint(2008, 2025)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"
        return day + (
            f" {draw.randint(0, 23):02d}:{draw.randint(0, 59):02d}" if draw.random() < 0.6 else ""
        )

    def log_line(self) -> str:
        """Return a random log line, sometimes with a Chinese text."""
        draw = self.random
        text = draw.choice(LOG_TEXTS) if draw.random() < 0.75 else draw.choice(CHINESE_LOG_TEXTS)
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

    def machine_line(self) -> str:
        """Return a line of random machine tokens, sometimes with a Chinese log text at its end."""
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
        if draw.random() < 0.3:  # counters and network addresses with one separator
            sign: str = draw.choice(signs)
            return sign.join(self.digits(draw.randint(1, 12)) for _ in range(draw.randint(2, 9)))
        if draw.random() < 0.12:  # host names
            parts = "-".join(str(draw.randint(0, 255)) for _ in range(4))
            return f"{self.token()} {self.token()}-{parts}-{self.token()}.{self.token()}.com"
        text = "".join(self.token() + draw.choice(signs) for _ in range(draw.randint(3, 24)))
        return text + (draw.choice(CHINESE_LOG_TEXTS) if draw.random() < 0.15 else "")

    def token(self) -> str:
        """Return a random machine token: a number, letter and number, hexadecimal or word."""
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
            return str(draw.choice(SHORT_WORDS))
        words: list[str] = draw.choice(LOG_TEXTS).split()
        return str(draw.choice(words))
