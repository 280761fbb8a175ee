"""What is written in a picture, as far as it tells what the picture is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from albums.library.texts import Line, Page

_AMOUNT = re.compile(r"(?<![\d.,/:-])\d{1,3}(?:[ .,']?\d{3})*[.,]\d{2}(?![\d/:-]|[.,]\d)")
_WHOLE_AMOUNT = re.compile(r"[¥￥₩₹]\s?\d{1,3}(?:,\d{3})*|\d{1,3}(?:,\d{3})+\s?[円원]")
# A phone's bar: the time alone at the left, or beside what the network is called.
_CLOCK = re.compile(r"(?:[01]?\d|2[0-3])[:.][0-5]\d(?: ?[AaPp][Mm])?(?!\d)")
_LETTERS = re.compile(r"[^\W\d_]")
_ENOUGH = 8_000  # characters: more than any receipt has, and soon searched


def _any(words: str) -> re.Pattern[str]:
    spaced, inside = words.split("|")
    whole = "|".join(re.escape(word.strip()).replace(r"\ ", r"\s+") for word in spaced.split(","))
    parts = "".join(f"|{re.escape(word.strip())}" for word in inside.split(",") if word.strip())
    return re.compile(rf"(?<![^\W\d_])(?:{whole})(?![^\W\d_]){parts}", re.IGNORECASE)


_SUM = _any(
    "total, subtotal, sub total, sub-total, grand total, amount due, balance due, total due,"
    "net amt, gross amt, net amount, amount payable,"
    "summe, gesamt, zwischensumme, gesamtbetrag, zu zahlen, total ttc, montant, à payer, somme,"
    "importe, a pagar, totale, totale complessivo, totaal, te betalen, at betale, i alt,"
    "att betala, totalt, summa, yhteensä, suma, razem, do zapłaty, celkem, összesen, toplam,"
    "итого, всего, сума, σύνολο, total geral, subtotal rm"
    "|合計, 小計, 合计, 小计, 总计, 總計, 합계, 총액, รวม"
)
_TAX = _any(
    "tax, vat, gst, sst, hst, sales tax, service charge, mwst, ust, tva, iva, btw, moms, mva, alv,"
    "ptu, nip, dph, áfa, kdv, ндс, пдв, фпа, rounding, round off|消費税, 税, 稅, 부가세"
)
_PAID = _any(
    "cash, change, change due, tendered, card, visa, mastercard, maestro, amex, debit, credit card,"
    "paid, payment, approved, auth code, bar, gegeben, rückgeld, zurück, karte, girocard, ec-karte,"
    "espèces, rendu, carte bancaire, carte, efectivo, cambio, tarjeta, contanti, contante, resto,"
    "bancomat, contant, wisselgeld, pin, kontant, byttepenge, kort, växel, gotówka, reszta, karta,"
    "nakit, kart, dinheiro, troco, наличные, сдача, безналичными, карта"
    "|お釣り, お預り, 現金, 找零, 实收, 現計, 카드, 현금"
)
_SHOP = _any(
    "receipt, cashier, thank you, thanks for, please come again, goods sold, qty, invoice no,"
    "tax invoice, simplified tax invoice, table no, till, register, kassenbon, kasse, quittung,"
    "bon, beleg, vielen dank, es bediente sie, ticket, merci de votre visite, caissier, reçu,"
    "recibo, gracias por su, scontrino, documento commerciale, grazie, bonnetje, kassa, kvittering,"
    "kvitto, kuitti, paragon, paragon fiskalny, účtenka, nyugta, fiş, fişi, cupom fiscal, obrigado,"
    "чек, кассовый чек, кассир, απόδειξη|領収書, レシート, 收据, 小票, 영수증"
)


@dataclass(frozen=True)
class Writing:
    """Of the first page. `lines` are the sure ones, `words` are counted in them. `reach`: how much
    of the page's height lies between the first line and the last, 0..1."""

    lines: tuple[Line, ...] = ()
    words: int = 0
    reach: float = 0.0

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    def amounts(self) -> int:
        """How many prices: 12.50, 1.299,00, ¥980."""
        return len(_AMOUNT.findall(self.text)) + len(_WHOLE_AMOUNT.findall(self.text))

    def speaks_of_a_sum(self) -> bool:
        return bool(_SUM.search(self.text))

    def speaks_of_a_sale(self) -> int:
        """How many of these it speaks of: tax, how it was paid, that it is a receipt."""
        return sum(bool(kind.search(self.text)) for kind in (_TAX, _PAID, _SHOP))

    def has_clock_on_top(self) -> bool:
        """Is there the time of day in the bar at the top, as phones have it?"""
        return any(
            line.box and line.box[3] < 0.055 and _CLOCK.match(line.text.strip())
            for line in self.lines
        )

    def small_lines(self) -> int:
        """As many as an app shows; what is large is a sign, or the saying on a wallpaper."""
        return sum(line.box is not None and line.box[3] - line.box[1] < 0.04 for line in self.lines)

    def captions(self) -> list[Line]:
        """Large lines across the middle of the top or the bottom."""
        return [line for line in self.lines if line.box and _is_caption(line.text, *line.box)]


def _is_caption(text: str, left: float, top: float, right: float, bottom: float) -> bool:
    in_the_middle = abs((left + right) / 2 - 0.5) < 0.12 and right - left > 0.3
    at_an_edge = bottom < 0.36 or top > 0.64
    large = bottom - top > 0.045
    return in_the_middle and at_an_edge and large and len(_LETTERS.findall(text)) >= 6


def writing_of(pages: Sequence[Page]) -> Writing:
    """What the first page says, as far as that tells; nothing where nobody has read it."""
    lines = tuple(_first(line for line in pages[0].lines if line.sure >= 0.5)) if pages else ()
    words = sum(len(re.findall(r"[^\W_]{2,}", line.text)) for line in lines)
    edges = [edge for line in lines if line.box for edge in (line.box[1], line.box[3])]
    return Writing(lines, words, max(edges) - min(edges) if edges else 0.0)


def _first(lines: Iterable[Line]) -> Iterator[Line]:
    left = _ENOUGH
    for line in lines:
        yield Line(line.text[:left], line.box, line.sure)
        left -= len(line.text)
        if left <= 0:
            return
