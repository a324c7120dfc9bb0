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
    bytes private constant ORDER_TYPE =
        "Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount,uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder)";
    bytes32 private constant ORDER_TYPEHASH = keccak256(ORDER_TYPE);
    bytes private constant TYPED_DATA_SIGN_TYPE =
        "TypedDataSign(Order contents,string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)";
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    address private constant PROXY_FACTORY = 0xaB45c5A4B0c941a2F231C04C3f49182e1A254052;
    bytes32 private constant PROXY_CODE_HASH = 0xd21df8dc65880a8606f09fe0ce3df9b8869287ab0b058be05aa9e8af6330a00b;
    address private constant SAFE_FACTORY = 0xaacFeEa03eb1561C4e67d661e40682Bd20E3541b;
    bytes32 private constant SAFE_CODE_HASH = 0x2bce2127ff07fb632d16c8347c4ebf501f4841168bed00d9e6ef715ddb6fcecf;
    address private constant DEPOSIT_FACTORY = 0x00000000000Fb5C9ADea0298D729A0CB3823Cc07;
    address private constant DEPOSIT_BEACON = 0x7A18EDfe055488A3128f01F563e5B479D92ffc3a;

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
        if (!_signedByOwner(hash, order)) revert InvalidSignature();
        if (orderStatus[hash].filled) revert OrderAlreadyFilled();
        uint256 pausedAt = userPausedBlockAt[order.maker];
        if (pausedAt != 0 && block.number >= pausedAt) revert UserIsPaused();
    }

    function _signedByOwner(bytes32 hash, Order calldata order) private view returns (bool) {
        if (order.signatureType == 3) return order.maker == order.signer && _signedForWallet(order);
        if (order.signature.length != 65 || _recover(hash, order.signature) != order.signer) return false;
        if (order.signatureType == 0) return order.maker == order.signer;
        if (order.signatureType == 1) return order.maker == getPolyProxyWalletAddress(order.signer);
        return order.signatureType == 2 && order.maker == getSafeAddress(order.signer);
    }

    /// ERC-7739, as the deposit wallet itself would check it: the wallets have no code here, so the owner is
    /// recovered and must be the one whose deposit wallet the maker is.
    function _signedForWallet(Order calldata order) private view returns (bool) {
        bytes calldata signature = order.signature;
        bytes32 contents = _hashStruct(order);
        bytes memory tail = abi.encodePacked(domainSeparator(), contents, ORDER_TYPE, uint16(ORDER_TYPE.length));
        if (signature.length != 65 + tail.length || keccak256(signature[65:]) != keccak256(tail)) return false;
        bytes32 typehash = keccak256(bytes.concat(TYPED_DATA_SIGN_TYPE, ORDER_TYPE));
        bytes32 wallet = keccak256("DepositWallet");
        bytes32 version = keccak256("1");
        bytes memory struct_ =
            abi.encode(typehash, contents, wallet, version, block.chainid, order.signer, bytes32(0));
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", domainSeparator(), keccak256(struct_)));
        return order.maker == getDepositWalletAddress(_recover(digest, signature[0:65]));
    }

    function _recover(bytes32 hash, bytes calldata signature) private pure returns (address signer) {
        signer = ecrecover(
            hash, uint8(signature[64]), bytes32(signature[0:32]), bytes32(signature[32:64])
        );
        if (signer == address(0)) revert InvalidSignature();
    }
}
