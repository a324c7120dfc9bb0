// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ADAPTER, CTF, DEPOSIT_BEACON, DEPOSIT_FACTORY, NEG_RISK_COLLATERAL_ADAPTER, NEG_RISK_EXCHANGE, PUSD} from "./Addresses.sol";
import {Binary} from "./ConditionalTokens.sol";

/// One order as its signer signed it, with the signature. Amounts are base units of 6 decimals.
struct Order {
    uint256 salt;
    address maker;
    address signer;
    uint256 tokenId;
    uint256 makerAmount;
    uint256 takerAmount;
    uint8 side; // 0 gives collateral for shares, 1 gives shares for collateral
    uint8 signatureType; // whose the maker is: 0 the signer itself, 1 its proxy, 2 its Safe; 3 a deposit wallet
    uint256 timestamp;
    bytes32 metadata;
    bytes32 builder;
    bytes signature;
}

/// What is left of an order: `remaining` counts what its maker gives and starts at `makerAmount`.
struct OrderStatus {
    bool filled;
    uint248 remaining;
}

/// One maker's part of a match, in what the maker gives and gets.
struct Fill {
    bytes32 hash;
    uint256 making;
    uint256 taking;
    uint256 fee;
}

/// The taker's part of a match as it grows, in what the taker gives and gets; `feeLeft` is what is still to be
/// kept back of a seller's proceeds.
struct Tally {
    bytes32 condition;
    bytes32 hash;
    uint256 fee;
    uint256 given;
    uint256 received;
    uint256 feeLeft;
}

interface IERC20 {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

interface ICollateralAdapter {
    function splitPosition(address, bytes32, bytes32 condition, uint256[] calldata, uint256 amount) external;
    function mergePositions(address, bytes32, bytes32 condition, uint256[] calldata, uint256 amount) external;
}

interface IERC1271 {
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4);
}

interface IERC1155 {
    function safeTransferFrom(address from, address to, uint256 id, uint256 amount, bytes calldata data) external;
}

/// A test double of the exchange's settlement, version 2: the events, order hash, selectors and states are
/// the wire's. A BUY and a SELL of one token trade directly; two BUYs of both tokens mint them out of the collateral
/// of both, two SELLs merge them. It has no constructor and no immutables, so that its runtime code can stand at the
/// documented addresses: at that of the neg-risk exchange it splits and merges through the neg-risk adapter.
contract Exchange is Binary {
    event OrderFilled(
        bytes32 indexed orderHash,
        address indexed maker,
        address indexed taker,
        uint8 side,
        uint256 tokenId,
        uint256 makerAmountFilled,
        uint256 takerAmountFilled,
        uint256 fee,
        bytes32 builder,
        bytes32 metadata
    );
    event OrdersMatched(
        bytes32 indexed takerOrderHash,
        address indexed takerOrderMaker,
        uint8 side,
        uint256 tokenId,
        uint256 makerAmountFilled,
        uint256 takerAmountFilled
    );
    event FeeCharged(address indexed receiver, uint256 amount);
    event UserPaused(address indexed user, uint256 effectiveBlock);
    event UserUnpaused(address indexed user);

    error OrderAlreadyFilled();
    error MakingGtRemaining();
    error NotCrossing();
    error InvalidSignature();
    error UserIsPaused();
    error FeeExceedsMaxRate();
    error TooLittleTokensReceived();
    error NotOperator();
    error TransferFailed();

    uint256 private constant MAX_FEE_BPS = 1000;
    uint256 private constant PAUSE_DELAY_BLOCKS = 100;
    uint8 private constant BUY = 0;
    bytes private constant ORDER_TYPE =
        "Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount,uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder)";
    bytes32 private constant ORDER_TYPEHASH = keccak256(ORDER_TYPE);
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    address private constant PROXY_FACTORY = 0xaB45c5A4B0c941a2F231C04C3f49182e1A254052;
    bytes32 private constant PROXY_CODE_HASH = 0xd21df8dc65880a8606f09fe0ce3df9b8869287ab0b058be05aa9e8af6330a00b;
    address private constant SAFE_FACTORY = 0xaacFeEa03eb1561C4e67d661e40682Bd20E3541b;
    bytes32 private constant SAFE_CODE_HASH = 0x2bce2127ff07fb632d16c8347c4ebf501f4841168bed00d9e6ef715ddb6fcecf;

    address public operator; // slot 0, written when the code is placed
    mapping(bytes32 => OrderStatus) public orderStatus;
    mapping(address => uint256) public userPausedBlockAt;

    function domainSeparator() public view returns (bytes32) {
        bytes32 name = keccak256("Polymarket CTF Exchange");
        return keccak256(abi.encode(DOMAIN_TYPEHASH, name, keccak256("2"), block.chainid, address(this)));
    }

    function hashOrder(Order calldata order) public view returns (bytes32) {
        return keccak256(abi.encodePacked("\x19\x01", domainSeparator(), _hashStruct(order)));
    }

    function _hashStruct(Order calldata order) private pure returns (bytes32) {
        bytes memory head = abi.encode(
            ORDER_TYPEHASH, order.salt, order.maker, order.signer, order.tokenId, order.makerAmount
        );
        bytes memory tail = abi.encode(
            order.takerAmount, order.side, order.signatureType, order.timestamp, order.metadata, order.builder
        );
        return keccak256(bytes.concat(head, tail));
    }

    /// The proxy wallet of an owner (signature type 1).
    function getPolyProxyWalletAddress(address owner) public pure returns (address) {
        return _create2(PROXY_FACTORY, keccak256(abi.encodePacked(owner)), PROXY_CODE_HASH);
    }

    /// The Gnosis Safe of an owner (signature type 2).
    function getSafeAddress(address owner) public pure returns (address) {
        return _create2(SAFE_FACTORY, keccak256(abi.encode(owner)), SAFE_CODE_HASH);
    }

    /// The deposit wallet of an owner (signature type 3): a beacon proxy whose code ends with its arguments.
    function getDepositWalletAddress(address owner) public pure returns (address) {
        bytes memory arguments = abi.encode(DEPOSIT_FACTORY, owner);
        bytes memory code = abi.encodePacked(
            hex"6100923d8160233d3973",
            DEPOSIT_BEACON,
            hex"60195155f3363d3d373d3d363d602036600436635c60da",
            hex"1b60e01b36527fa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6c",
            hex"b3582b35133d50545afa5036515af43d6000803e604d573d6000fd5b3d6000f3",
            arguments
        );
        return _create2(DEPOSIT_FACTORY, keccak256(arguments), keccak256(code));
    }

    function _create2(address factory, bytes32 salt, bytes32 codeHash) private pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encodePacked(bytes1(0xff), factory, salt, codeHash)))));
    }

    /// Reverts unless the order is signed by its maker's owner, is not used up and its maker has not paused.
    function validateOrder(Order calldata order) external view {
        _validate(hashOrder(order), order);
    }

    function pauseUser() external {
        userPausedBlockAt[msg.sender] = block.number + PAUSE_DELAY_BLOCKS;
        emit UserPaused(msg.sender, block.number + PAUSE_DELAY_BLOCKS);
    }

    function unpauseUser() external {
        delete userPausedBlockAt[msg.sender];
        emit UserUnpaused(msg.sender);
    }

    /// Settles one taker order against maker orders at the makers' prices. Fill amounts are in what each
    /// order's maker gives; `takerFillAmount` is the most that the taker may give. A buyer pays the fee on top,
    /// a seller gets what is left of the proceeds.
    function matchOrders(
        bytes32 condition,
        Order calldata takerOrder,
        Order[] calldata makerOrders,
        uint256 takerFillAmount,
        uint256[] calldata makerFillAmounts,
        uint256 takerFeeAmount,
        uint256[] calldata makerFeeAmounts
    ) external {
        if (msg.sender != operator) revert NotOperator();
        Tally memory tally;
        tally.condition = condition;
        tally.hash = hashOrder(takerOrder);
        tally.fee = takerFeeAmount;
        if (takerOrder.side != BUY) tally.feeLeft = takerFeeAmount;
        _validate(tally.hash, takerOrder);
        for (uint256 i = 0; i < makerOrders.length; i++) {
            _settle(tally, takerOrder, makerOrders[i], Fill(0, makerFillAmounts[i], 0, makerFeeAmounts[i]));
        }
        if (tally.given > takerFillAmount) revert MakingGtRemaining();
        _finish(tally, takerOrder);
    }

    function _finish(Tally memory tally, Order calldata taker) private {
        (uint256 given, uint256 received, bool buys) = (tally.given, tally.received, taker.side == BUY);
        if (received * taker.makerAmount < given * taker.takerAmount) revert TooLittleTokensReceived();
        _reduce(tally.hash, taker, given);
        _requireRate(tally.fee, buys ? given : received);
        if (buys) _moveCollateral(taker.maker, operator, tally.fee);
        if (tally.fee != 0) emit FeeCharged(operator, tally.fee);
        _emitFilled(taker, address(this), Fill(tally.hash, given, received, tally.fee));
        emit OrdersMatched(tally.hash, taker.maker, taker.side, taker.tokenId, given, received);
    }

    function _settle(Tally memory tally, Order calldata taker, Order calldata maker, Fill memory fill) private {
        fill.hash = hashOrder(maker);
        _validate(fill.hash, maker);
        bool direct = taker.side != maker.side;
        if (direct != (taker.tokenId == maker.tokenId) || !_crosses(taker, maker)) revert NotCrossing();
        fill.taking = fill.making * maker.takerAmount / maker.makerAmount;
        _reduce(fill.hash, maker, fill.making);
        if (direct) _trade(tally, taker, maker, fill);
        else if (maker.side == BUY) _mint(tally, taker, maker, fill);
        else _merge(tally, taker, maker, fill);
        _requireRate(fill.fee, maker.side == BUY ? fill.making : fill.taking);
        _moveCollateral(maker.maker, operator, fill.fee);
        if (fill.fee != 0) emit FeeCharged(operator, fill.fee);
        _emitFilled(maker, taker.maker, fill);
    }

    /// Whether the prices meet: at or across one another, or, of both tokens, one or more together (two BUYs) and
    /// one or less together (two SELLs).
    function _crosses(Order calldata taker, Order calldata maker) private pure returns (bool) {
        uint256 a = taker.makerAmount;
        uint256 b = taker.takerAmount;
        uint256 c = maker.makerAmount;
        uint256 d = maker.takerAmount;
        if (taker.side != maker.side) return a * c >= b * d;
        return taker.side == BUY ? a * d + c * b >= b * d : b * c + d * a <= a * c;
    }

    /// A BUY meets a SELL: shares and collateral go from one to the other.
    function _trade(Tally memory tally, Order calldata taker, Order calldata maker, Fill memory fill) private {
        if (maker.side == BUY) {
            _moveShares(taker.maker, maker.maker, taker.tokenId, fill.taking);
            _payTaker(tally, taker, maker.maker, fill.making);
        } else {
            _moveShares(maker.maker, taker.maker, taker.tokenId, fill.making);
            _moveCollateral(taker.maker, maker.maker, fill.taking);
        }
        tally.given += fill.taking;
        tally.received += fill.making;
    }

    /// Two BUYs of both tokens: the collateral of both becomes as many of each.
    function _mint(Tally memory tally, Order calldata taker, Order calldata maker, Fill memory fill) private {
        uint256 shares = fill.taking;
        _moveCollateral(maker.maker, address(this), fill.making);
        _moveCollateral(taker.maker, address(this), shares - fill.making);
        _adapter().splitPosition(PUSD, ROOT, tally.condition, _partition(), shares);
        _moveShares(address(this), maker.maker, maker.tokenId, shares);
        _moveShares(address(this), taker.maker, taker.tokenId, shares);
        tally.given += shares - fill.making;
        tally.received += shares;
    }

    /// Two SELLs of both tokens: as many of each become collateral again, shared out by the maker's price.
    function _merge(Tally memory tally, Order calldata taker, Order calldata maker, Fill memory fill) private {
        uint256 shares = fill.making;
        _moveShares(maker.maker, address(this), maker.tokenId, shares);
        _moveShares(taker.maker, address(this), taker.tokenId, shares);
        _adapter().mergePositions(PUSD, ROOT, tally.condition, _partition(), shares);
        _moveCollateral(address(this), maker.maker, fill.taking);
        _payTaker(tally, taker, address(this), shares - fill.taking);
        tally.given += shares;
        tally.received += shares - fill.taking;
    }

    function _adapter() private view returns (ICollateralAdapter) {
        return ICollateralAdapter(address(this) == NEG_RISK_EXCHANGE ? NEG_RISK_COLLATERAL_ADAPTER : ADAPTER);
    }

    function _emitFilled(Order calldata order, address taker, Fill memory fill) private {
        emit OrderFilled(
            fill.hash,
            order.maker,
            taker,
            order.side,
            order.tokenId,
            fill.making,
            fill.taking,
            fill.fee,
            order.builder,
            order.metadata
        );
    }

    function _moveShares(address from, address to, uint256 id, uint256 amount) private {
        IERC1155(CTF).safeTransferFrom(from, to, id, amount, "");
    }

    function _moveCollateral(address from, address to, uint256 amount) private {
        if (amount == 0) return;
        IERC20 pusd = IERC20(PUSD);
        if (!(from == address(this) ? pusd.transfer(to, amount) : pusd.transferFrom(from, to, amount))) {
            revert TransferFailed();
        }
    }

    /// Pays a selling taker, less what is still to be kept back of the fee.
    function _payTaker(Tally memory tally, Order calldata taker, address from, uint256 amount) private {
        uint256 kept = tally.feeLeft < amount ? tally.feeLeft : amount;
        tally.feeLeft -= kept;
        _moveCollateral(from, taker.maker, amount - kept);
        _moveCollateral(from, operator, kept);
    }

    function _requireRate(uint256 fee, uint256 collateral) private pure {
        if (fee * 10_000 > collateral * MAX_FEE_BPS) revert FeeExceedsMaxRate();
    }

    function _reduce(bytes32 hash, Order calldata order, uint256 making) private {
        OrderStatus storage status = orderStatus[hash];
        uint256 remaining = status.remaining == 0 ? order.makerAmount : status.remaining;
        if (making > remaining) revert MakingGtRemaining();
        remaining -= making;
        status.filled = remaining == 0;
        status.remaining = uint248(remaining);
    }

    function _validate(bytes32 hash, Order calldata order) private view {
        if (!_signedByOwner(hash, order)) revert InvalidSignature();
        if (orderStatus[hash].filled) revert OrderAlreadyFilled();
        uint256 pausedAt = userPausedBlockAt[order.maker];
        if (pausedAt != 0 && block.number >= pausedAt) revert UserIsPaused();
    }

    function _signedByOwner(bytes32 hash, Order calldata order) private view returns (bool) {
        if (order.signatureType == 3) return order.maker == order.signer && _signedForWallet(hash, order);
        if (order.signature.length != 65 || _recover(hash, order.signature) != order.signer) return false;
        if (order.signatureType == 0) return order.maker == order.signer;
        if (order.signatureType == 1) return order.maker == getPolyProxyWalletAddress(order.signer);
        return order.signatureType == 2 && order.maker == getSafeAddress(order.signer);
    }

    /// A deposit wallet says itself what its owner has signed (ERC-1271); one without code says nothing.
    function _signedForWallet(bytes32 hash, Order calldata order) private view returns (bool) {
        if (order.maker.code.length == 0) return false;
        return IERC1271(order.maker).isValidSignature(hash, order.signature) == IERC1271.isValidSignature.selector;
    }

    function _recover(bytes32 hash, bytes calldata signature) private pure returns (address signer) {
        signer = ecrecover(
            hash, uint8(signature[64]), bytes32(signature[0:32]), bytes32(signature[32:64])
        );
        if (signer == address(0)) revert InvalidSignature();
    }
}
