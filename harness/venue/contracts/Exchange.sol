// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// One order as its signer signed it, with the signature. Amounts are base units of 6 decimals.
struct Order {
    uint256 salt;
    address maker;
    address signer;
    uint256 tokenId;
    uint256 makerAmount;
    uint256 takerAmount;
    uint8 side; // 0 gives collateral for shares, 1 gives shares for collateral
    uint8 signatureType; // 0: an account of its own; this test double settles no other kind
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

interface IERC20 {
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

interface IERC1155 {
    function safeTransferFrom(address from, address to, uint256 id, uint256 amount, bytes calldata data) external;
}

/// A test double of the exchange's settlement, version 2: the events, order hash, selectors and states are
/// the wire's; only direct matches (a BUY against SELLs of one token, or the reverse) are settled.
/// It has no constructor and no immutables, so that its runtime code can stand at the documented address.
contract Exchange {
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

    address private constant COLLATERAL = 0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB;
    address private constant CTF = 0x4D97DCd97eC945f40cF65F87097ACe5EA0476045;
    uint256 private constant MAX_FEE_BPS = 1000;
    uint256 private constant PAUSE_DELAY_BLOCKS = 100;
    uint8 private constant BUY = 0;
    bytes32 private constant ORDER_TYPEHASH = keccak256(
        "Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount,uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder)"
    );
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    address public operator; // slot 0, written when the code is placed
    mapping(bytes32 => OrderStatus) public orderStatus;
    mapping(address => uint256) public userPausedBlockAt;

    function domainSeparator() public view returns (bytes32) {
        bytes32 name = keccak256("Polymarket CTF Exchange");
        return keccak256(abi.encode(DOMAIN_TYPEHASH, name, keccak256("2"), block.chainid, address(this)));
    }

    function hashOrder(Order calldata order) public view returns (bytes32) {
        bytes memory head = abi.encode(
            ORDER_TYPEHASH, order.salt, order.maker, order.signer, order.tokenId, order.makerAmount
        );
        bytes memory tail = abi.encode(
            order.takerAmount, order.side, order.signatureType, order.timestamp, order.metadata, order.builder
        );
        return keccak256(abi.encodePacked("\x19\x01", domainSeparator(), keccak256(bytes.concat(head, tail))));
    }

    /// Reverts unless the order is signed by its maker, is not used up and its maker has not paused.
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
    /// order's maker gives; `takerFillAmount` is the most that the taker may give.
    function matchOrders(
        bytes32,
        Order calldata takerOrder,
        Order[] calldata makerOrders,
        uint256 takerFillAmount,
        uint256[] calldata makerFillAmounts,
        uint256 takerFeeAmount,
        uint256[] calldata makerFeeAmounts
    ) external {
        if (msg.sender != operator) revert NotOperator();
        bytes32 takerHash = hashOrder(takerOrder);
        _validate(takerHash, takerOrder);
        uint256 given;
        uint256 received;
        for (uint256 i = 0; i < makerOrders.length; i++) {
            (uint256 making, uint256 taking) =
                _settle(takerOrder, makerOrders[i], makerFillAmounts[i], makerFeeAmounts[i]);
            given += taking;
            received += making;
        }
        if (given > takerFillAmount) revert MakingGtRemaining();
        if (received * takerOrder.makerAmount < given * takerOrder.takerAmount) revert TooLittleTokensReceived();
        _reduce(takerHash, takerOrder, given);
        _chargeFee(takerOrder, takerOrder.side == BUY ? given : received, takerFeeAmount);
        _emitFilled(takerHash, takerOrder, address(this), given, received, takerFeeAmount);
        emit OrdersMatched(takerHash, takerOrder.maker, takerOrder.side, takerOrder.tokenId, given, received);
    }

    function _settle(Order calldata taker, Order calldata maker, uint256 making, uint256 fee)
        private
        returns (uint256, uint256 taking)
    {
        bytes32 hash = hashOrder(maker);
        _validate(hash, maker);
        if (taker.side == maker.side || taker.tokenId != maker.tokenId) revert NotCrossing();
        if (taker.makerAmount * maker.makerAmount < taker.takerAmount * maker.takerAmount) revert NotCrossing();
        taking = making * maker.takerAmount / maker.makerAmount;
        _reduce(hash, maker, making);
        bool makerBuys = maker.side == BUY;
        _moveShares(makerBuys ? taker : maker, makerBuys ? maker : taker, makerBuys ? taking : making);
        _moveCollateral(
            makerBuys ? maker.maker : taker.maker,
            makerBuys ? taker.maker : maker.maker,
            makerBuys ? making : taking
        );
        _chargeFee(maker, makerBuys ? making : taking, fee);
        _emitFilled(hash, maker, taker.maker, making, taking, fee);
        return (making, taking);
    }

    function _emitFilled(
        bytes32 hash,
        Order calldata order,
        address taker,
        uint256 making,
        uint256 taking,
        uint256 fee
    ) private {
        emit OrderFilled(
            hash,
            order.maker,
            taker,
            order.side,
            order.tokenId,
            making,
            taking,
            fee,
            order.builder,
            order.metadata
        );
    }

    function _moveShares(Order calldata seller, Order calldata buyer, uint256 amount) private {
        IERC1155(CTF).safeTransferFrom(seller.maker, buyer.maker, seller.tokenId, amount, "");
    }

    function _moveCollateral(address from, address to, uint256 amount) private {
        if (!IERC20(COLLATERAL).transferFrom(from, to, amount)) revert TransferFailed();
    }

    function _chargeFee(Order calldata order, uint256 collateral, uint256 fee) private {
        if (fee == 0) return;
        if (fee * 10_000 > collateral * MAX_FEE_BPS) revert FeeExceedsMaxRate();
        _moveCollateral(order.maker, operator, fee);
        emit FeeCharged(operator, fee);
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
        if (order.signatureType != 0 || order.maker != order.signer) revert InvalidSignature();
        if (order.signature.length != 65 || _recover(hash, order.signature) != order.signer) revert InvalidSignature();
        if (orderStatus[hash].filled) revert OrderAlreadyFilled();
        uint256 pausedAt = userPausedBlockAt[order.maker];
        if (pausedAt != 0 && block.number >= pausedAt) revert UserIsPaused();
    }

    function _recover(bytes32 hash, bytes calldata signature) private pure returns (address signer) {
        signer = ecrecover(
            hash, uint8(signature[64]), bytes32(signature[0:32]), bytes32(signature[32:64])
        );
        if (signer == address(0)) revert InvalidSignature();
    }
}
