"""Client's methods for EnterMedia: logging in, and its distributions, which are public links to assets."""

from __future__ import annotations

from ctypes import c_char_p
from typing import Callable, Iterable, Literal, Optional, Union, overload

from .. import abi
from ..arguments import Terms, count, optional_callable, optional_text, optional_texts, terms as conditions, text, texts
from ..delivery import NO_ITEM, on_item as item_callback
from ..errors import SlipwayError
from ..operation import Operation
from ..outcome import Outcome
from ..progress import OnProgress
from ..results import Distribution, DistributionDeletion, DistributionList, DistributionsCreated, Login
from .starter import Starter

OnItem = Callable[[int, Union[Distribution, SlipwayError]], object]

_MOST_TERMS, _MOST_ASSETS = 64, 1_000_000
_ORIGINAL = {None: abi.ORIGINAL_UNCHANGED, True: abi.ORIGINAL_ALLOWED, False: abi.ORIGINAL_DENIED}


class DistributionOperations(Starter):
    @overload
    def entermedia_login(
        self, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[True] = True
    ) -> Login: ...

    @overload
    def entermedia_login(
        self, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[False]
    ) -> Operation[Login]: ...

    def entermedia_login(
        self, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: bool = True
    ) -> Union[Login, Operation[Login]]:
        """Logs in with the client's user and password, now instead of on first use: wrong ones are known before anything else is done.

        Without a user it asks whether the client's key is accepted. UnauthorizedError: wrong, or not accepted.
        """
        request = abi.LoginRequest(*self._header(abi.LoginRequest, deadline, on_progress))
        return self._start("entermedia_login", request, Login.from_document, on_progress, wait)

    @overload
    def entermedia_distribution_create(
        self,
        *,
        asset_id: str,
        distribution_id: Optional[str] = None,
        allow_original: bool = False,
        verify: bool = True,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[True] = True,
    ) -> Distribution: ...

    @overload
    def entermedia_distribution_create(
        self,
        *,
        asset_id: str,
        distribution_id: Optional[str] = None,
        allow_original: bool = False,
        verify: bool = True,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[False],
    ) -> Operation[Distribution]: ...

    def entermedia_distribution_create(
        self,
        *,
        asset_id: str,
        distribution_id: Optional[str] = None,
        allow_original: bool = False,
        verify: bool = True,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: bool = True,
    ) -> Union[Distribution, Operation[Distribution]]:
        """Publishes an asset: public links, for everybody, without a login.

        distribution_id  default: a UUID. One that exists already is overwritten: its links give this asset from then on
        allow_original   there is a link to the asset's own file, too; with an id that ends in .zip that is what Streampixel downloads
        verify           looks for the asset before, and at the link after

        NotFoundError: there is no such asset. NotReadyError: it has no renditions and the original is not allowed, so there is no link.
        """
        request = abi.DistributionCreateRequest(
            *self._header(abi.DistributionCreateRequest, deadline, on_progress),
            text("asset_id", asset_id),
            optional_text("distribution_id", distribution_id),
            bool(allow_original),
            not verify,
        )
        return self._start("entermedia_distribution_create", request, Distribution.from_document, on_progress, wait)

    @overload
    def entermedia_distribution_edit(
        self,
        *,
        distribution_id: str,
        asset_id: Optional[str] = None,
        original: Optional[bool] = None,
        verify: bool = True,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[True] = True,
    ) -> Distribution: ...

    @overload
    def entermedia_distribution_edit(
        self,
        *,
        distribution_id: str,
        asset_id: Optional[str] = None,
        original: Optional[bool] = None,
        verify: bool = True,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[False],
    ) -> Operation[Distribution]: ...

    def entermedia_distribution_edit(
        self,
        *,
        distribution_id: str,
        asset_id: Optional[str] = None,
        original: Optional[bool] = None,
        verify: bool = True,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: bool = True,
    ) -> Union[Distribution, Operation[Distribution]]:
        """Points a distribution at another asset, or changes what it gives. Its links stay, so that an id can be a channel: "latest.zip".

        asset_id  default: the asset that it has
        original  True: there is a link to the asset's own file. False: there is none. None: as it is
        verify    as in `entermedia_distribution_create`

        NotFoundError: no such distribution or asset; nothing was changed.
        """
        if original is not None and not isinstance(original, bool):
            raise TypeError(f"original must be True, False or None, not {type(original).__name__}")
        request = abi.DistributionEditRequest(
            *self._header(abi.DistributionEditRequest, deadline, on_progress),
            text("distribution_id", distribution_id),
            optional_text("asset_id", asset_id),
            _ORIGINAL[original],
            not verify,
        )
        return self._start("entermedia_distribution_edit", request, Distribution.from_document, on_progress, wait)

    @overload
    def entermedia_distribution_get(
        self,
        distribution_id: str,
        *,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[True] = True,
    ) -> Distribution: ...

    @overload
    def entermedia_distribution_get(
        self, distribution_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[False]
    ) -> Operation[Distribution]: ...

    def entermedia_distribution_get(
        self, distribution_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: bool = True
    ) -> Union[Distribution, Operation[Distribution]]:
        """Reads a distribution. NotFoundError: there is none with this id."""
        request = self._of_distribution(distribution_id, deadline, on_progress)
        return self._start("entermedia_distribution_get", request, Distribution.from_document, on_progress, wait)

    @overload
    def entermedia_distribution_delete(
        self,
        distribution_id: str,
        *,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[True] = True,
    ) -> DistributionDeletion: ...

    @overload
    def entermedia_distribution_delete(
        self, distribution_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[False]
    ) -> Operation[DistributionDeletion]: ...

    def entermedia_distribution_delete(
        self, distribution_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: bool = True
    ) -> Union[DistributionDeletion, Operation[DistributionDeletion]]:
        """Removes a distribution. NotFoundError: there is none with this id.

        A link of it that was asked for before may go on answering, from the server's cache: `cached` says so. To be sure, delete the asset.
        """
        request = self._of_distribution(distribution_id, deadline, on_progress)
        return self._start("entermedia_distribution_delete", request, DistributionDeletion.from_document, on_progress, wait)

    @overload
    def entermedia_distribution_search(
        self,
        terms: Optional[Terms] = None,
        *,
        page: Optional[int] = None,
        page_size: Optional[int] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[True] = True,
    ) -> DistributionList: ...

    @overload
    def entermedia_distribution_search(
        self,
        terms: Optional[Terms] = None,
        *,
        page: Optional[int] = None,
        page_size: Optional[int] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[False],
    ) -> Operation[DistributionList]: ...

    def entermedia_distribution_search(
        self,
        terms: Optional[Terms] = None,
        *,
        page: Optional[int] = None,
        page_size: Optional[int] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: bool = True,
    ) -> Union[DistributionList, Operation[DistributionList]]:
        """Looks for distributions.

        terms      all of them must hold: {"assetid": "101"}, or an iterable of (field, value) and (field, match, value). A value of "*" is
                   anything; match is the server's word for how to compare, by default "matches". None: every distribution
        page       one page, from 1. Default: all pages, up to 10,000 distributions
        page_size  distributions a page, at most 1,000. Default 100
        """
        found = conditions("terms", terms, _MOST_TERMS)
        request = abi.DistributionSearchRequest(
            *self._header(abi.DistributionSearchRequest, deadline, on_progress),
            (abi.Term * len(found))(*(abi.Term(*term) for term in found)) if found else None,
            len(found),
            count("page", page),
            count("page_size", page_size),
        )
        return self._start("entermedia_distribution_search", request, DistributionList.from_document, on_progress, wait)

    @overload
    def entermedia_distribution_create_many(
        self,
        asset_ids: Iterable[str],
        *,
        distribution_ids: Optional[Iterable[Optional[str]]] = None,
        on_item: Optional[OnItem] = None,
        allow_original: bool = False,
        verify: bool = True,
        max_parallel: Optional[int] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[True] = True,
    ) -> DistributionsCreated: ...

    @overload
    def entermedia_distribution_create_many(
        self,
        asset_ids: Iterable[str],
        *,
        distribution_ids: Optional[Iterable[Optional[str]]] = None,
        on_item: Optional[OnItem] = None,
        allow_original: bool = False,
        verify: bool = True,
        max_parallel: Optional[int] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[False],
    ) -> Operation[DistributionsCreated]: ...

    def entermedia_distribution_create_many(
        self,
        asset_ids: Iterable[str],
        *,
        distribution_ids: Optional[Iterable[Optional[str]]] = None,
        on_item: Optional[OnItem] = None,
        allow_original: bool = False,
        verify: bool = True,
        max_parallel: Optional[int] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: bool = True,
    ) -> Union[DistributionsCreated, Operation[DistributionsCreated]]:
        """Publishes many assets, each as `entermedia_distribution_create` does. One that fails does not stop the others: look at `failed`.

        asset_ids         up to a million
        distribution_ids  as many, in the same order; None among them: a UUID. Default: UUIDs
        on_item           called as on_item(index, answer) once for each, in the order in which they end, on the client's thread: the index
                          counts from 0 in asset_ids, the answer is a Distribution or the SlipwayError that it failed with. What it raises
                          is logged
        max_parallel      so many at a time, at most the client's max_connections. Default 16
        deadline          for all of them. Default: none, whatever the client's

        Cancelled, or out of time, it gives no further items, and the exception's `result` says how far it was.
        """
        assets = texts("asset_ids", asset_ids, _MOST_ASSETS)
        ids = None if distribution_ids is None else optional_texts("distribution_ids", distribution_ids, _MOST_ASSETS)
        if ids is not None and len(ids) != len(assets):
            raise ValueError(f"distribution_ids must be as many as asset_ids, {len(assets)}, not {len(ids)}")
        tell = optional_callable("on_item", on_item)

        def told(index: int, outcome: Outcome) -> None:
            if tell is not None:
                tell(index, outcome.either(Distribution.from_document))

        request = abi.DistributionCreateManyRequest(
            *self._header(abi.DistributionCreateManyRequest, deadline, on_progress),
            asset_ids=(c_char_p * len(assets))(*assets),
            asset_count=len(assets),
            distribution_ids=None if ids is None else (c_char_p * len(ids))(*ids),
            on_item=NO_ITEM if tell is None else item_callback,
            allow_original=bool(allow_original),
            skip_verify=not verify,
            max_parallel=count("max_parallel", max_parallel),
        )
        return self._start(
            "entermedia_distribution_create_many", request, DistributionsCreated.from_document, on_progress, wait,
            on_item=None if tell is None else told,
        )  # fmt: skip

    def _of_distribution(
        self, distribution_id: str, deadline: Optional[float], on_progress: Optional[OnProgress]
    ) -> abi.DistributionRequest:
        return abi.DistributionRequest(
            *self._header(abi.DistributionRequest, deadline, on_progress), text("distribution_id", distribution_id)
        )
